"""One prompt and its answers: state, journal, figures, history that fits."""
