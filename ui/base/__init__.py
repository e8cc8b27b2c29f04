"""What every room of the window uses: theme, strings, icons, tasks, commands, model facts."""
