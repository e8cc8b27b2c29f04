// Evaluated after MathJax's own files: defines draw(source, display, size), which returns SVG or throws an Error that says why.
(() => {
  const modules = MathJax._;
  const adaptor = modules.adaptors.liteAdaptor.liteAdaptor();
  modules.handlers.html_ts.RegisterHTMLHandler(adaptor);

  // Without a font that is named here MathJax writes every glyph as <text>.
  const font = new modules.output.svg.fonts.tex_ts.TeXFont();
  const output = new modules.output.svg_ts.SVG({fontCache: 'none', font});

  // "require", "autoload" and "setoptions" would let a formula change what other formulas may do. "noundefined" and
  // "noerrors" would draw a command that nobody knows as text: such a formula stays source instead.
  const PACKAGES = [
    'base', 'ams', 'amscd', 'bbox', 'boldsymbol', 'braket', 'bussproofs', 'cancel', 'cases', 'centernot', 'color',
    'colortbl', 'configmacros', 'empheq', 'enclose', 'extpfeil', 'gensymb', 'html', 'mathtools', 'mhchem',
    'newcommand', 'textcomp', 'textmacros', 'unicode', 'upgreek', 'verb',
  ];

  // "physics" gives other meanings to \div and the like, so it is only tried where a formula needs it.
  const WITH_PHYSICS = [...PACKAGES, 'physics'];

  // Other names, as KaTeX and MediaWiki have them.
  const ALIASES = {
    alef: 'aleph', alefsym: 'aleph', clubs: 'clubsuit', diamonds: 'diamondsuit', hearts: 'heartsuit',
    spades: 'spadesuit', Dagger: 'ddagger', empty: 'emptyset', exist: 'exists', image: 'Im', real: 'Re', infin: 'infty',
    isin: 'in', lang: 'langle', rang: 'rangle', plusmn: 'pm', sdot: 'cdot', sect: 'S', sub: 'subset', sube: 'subseteq',
    supe: 'supseteq', thetasym: 'vartheta', weierp: 'wp', gdef: 'def', larr: 'leftarrow', lArr: 'Leftarrow',
    Larr: 'Leftarrow', rarr: 'rightarrow', rArr: 'Rightarrow', Rarr: 'Rightarrow', uarr: 'uparrow', uArr: 'Uparrow',
    Uarr: 'Uparrow', darr: 'downarrow', dArr: 'Downarrow', Darr: 'Downarrow', harr: 'leftrightarrow',
    hArr: 'Leftrightarrow', Harr: 'Leftrightarrow', lrarr: 'leftrightarrow', lrArr: 'Leftrightarrow',
    Lrarr: 'Leftrightarrow', widecheck: 'check', cnums: 'C', Complex: 'C', natnums: 'N', reals: 'R', Reals: 'R',
  };
  const GREEK = {
    Alpha: 'A', Beta: 'B', Epsilon: 'E', Zeta: 'Z', Eta: 'H', Iota: 'I', Kappa: 'K', Mu: 'M', Nu: 'N', Omicron: 'O',
    Rho: 'P', Tau: 'T', Chi: 'X',
  };

  // Commands of LaTeX packages and of KaTeX that MathJax lacks and that models write: a replacement, and how many
  // arguments it takes where it takes any.
  const MACROS = {
    ...Object.fromEntries(Object.entries(ALIASES).map(([name, known]) => [name, `\\${known}`])),
    ...Object.fromEntries(Object.entries(GREEK).map(([name, letter]) => [name, `\\mathrm{${letter}}`])),
    // sets, operators
    C: '\\mathbb{C}', N: '\\mathbb{N}', Q: '\\mathbb{Q}', R: '\\mathbb{R}', Z: '\\mathbb{Z}',
    argmax: '\\operatorname*{arg\\,max}', argmin: '\\operatorname*{arg\\,min}', Cov: '\\operatorname{Cov}',
    Var: '\\operatorname{Var}', sgn: '\\operatorname{sgn}', diag: '\\operatorname{diag}', tr: '\\operatorname{tr}',
    sech: '\\operatorname{sech}', csch: '\\operatorname{csch}', oiint: '\\mathop{∯}\\nolimits',
    oiiint: '\\mathop{∰}\\nolimits',
    // alphabets
    bm: ['\\boldsymbol{#1}', 1], bold: ['\\mathbf{#1}', 1], mathds: ['\\mathbb{#1}', 1], mathbbm: ['\\mathbb{#1}', 1],
    mathsfit: ['\\mathsf{\\mathit{#1}}', 1],
    // sizes, spaces, lines
    hfill: '\\qquad', thickspace: '\\;', medspace: '\\:', nobreak: '', relax: '', allowbreak: '', footnotesize: '\\small', raisebox: ['\\raise #1{\\text{#2}}', 2],
    underbar: ['\\underline{#1}', 1], overgroup: ['\\overparen{#1}', 1], undergroup: ['\\underparen{#1}', 1],
    Overrightarrow: ['\\overset{⇒}{#1}', 1], 
    sout: ['\\enclose{horizontalstrike}{\\text{#1}}', 1], newline: '\\\\',
    angl: ['\\enclose{actuarial}{#1}', 1], angln: '{\\enclose{actuarial}{n}}',
    phase: ['\\enclose{phasorangle}{#1}', 1],
    xrightleftarrows: ['\\mathrel{\\overset{#1}{⇄}}', 1], xrightequilibrium: ['\\mathrel{\\overset{#1}{⇌}}', 1],
    xleftequilibrium: ['\\mathrel{\\overset{#1}{⇋}}', 1],
    // signs
    degree: '{}^\\circ', pounds: '£', copyright: '©', euro: '€', llbracket: '⟦', rrbracket: '⟧', lBrace: '⦃', rBrace: '⦄', minuso: '⊖', i: 'ı', j: 'ȷ',
    LaTeX: '\\mathrm{L}\\kern-.36em\\raise.21em{\\scriptstyle\\mathrm{A}}\\kern-.15em\\TeX',
    KaTeX: '\\mathrm{K}\\kern-.17em\\raise.2em{\\scriptstyle\\mathrm{A}}\\kern-.15em\\TeX',
    // units
    num: ['#1', 1], si: ['\\mathrm{#1}', 1], unit: ['\\mathrm{#1}', 1], SI: ['#1\\,\\mathrm{#2}', 2],
    // colors, links and attributes of a page
    ...Object.fromEntries(['red', 'green', 'blue', 'orange', 'purple', 'gray', 'pink', 'teal', 'gold'].map(
      (name) => [name, [`\\textcolor{${name}}{#1}`, 1]],
    )),
    url: ['\\texttt{#1}', 1], htmlId: ['#2', 2], htmlClass: ['#2', 2], htmlStyle: ['#2', 2], htmlData: ['#2', 2],
  };

  // MathJax's font has no accented letters, as in \text{für}: they are put together from a letter and an accent.
  const X_HEIGHT = 0.431;
  const DOTLESS = {i: 0x131, j: 0x237};

  function points(path) {
    // M, L, Q and T take pairs, H one x and V one y: enough for the glyphs of this font.
    const found = [];
    let [x, y] = [0, 0];
    for (const [, step, numbers] of path.matchAll(/([A-Z])([^A-Z]*)/g)) {
      const values = (numbers.match(/-?[\d.]+/g) || []).map(Number);
      if (step === 'H') [x] = values;
      else if (step === 'V') [y] = values;
      else for (let at = 0; at + 1 < values.length; at += 2) [x, y] = values.slice(at, at + 2);
      found.push({step, values, x, y});
    }
    return found;
  }

  function moved(path, dx, dy) {
    return points(path).map(({step, values}) => step + values.map((value, at) => {
      const isX = step === 'H' || (step !== 'V' && at % 2 === 0);
      return Math.round(value + (isX ? dx : dy));
    }).join(' ')).join('');
  }

  function accented(variant, letter, mark) {
    const base = font.getChar(variant, DOTLESS[letter] || letter.codePointAt(0));
    const accent = font.getChar(variant, mark.codePointAt(0));
    if (!base || !accent || !base[3] || !base[3].p || !accent[3] || !accent[3].p) return null;
    const [height, depth, width, {p: path}] = base;
    const across = points(accent[3].p).map(({x}) => x);
    const middle = (Math.min(...across) + Math.max(...across)) / 2;
    const raised = Math.max(0, height - X_HEIGHT);
    const slant = variant.includes('italic') ? raised * 0.25 : 0;
    const above = moved(accent[3].p, (width / 2 + slant) * 1000 - middle, raised * 1000);
    return [accent[0] + raised, depth, width, {p: path + above}];
  }

  for (const variant of ['normal', 'bold', 'italic', 'bold-italic', 'sans-serif', 'monospace']) {
    const made = {};
    for (let code = 0xC0; code < 0x17F; code += 1) {
      const [letter, mark, more] = String.fromCharCode(code).normalize('NFD');
      const glyph = mark && !more && !font.getChar(variant, code) && accented(variant, letter, mark);
      if (glyph) made[code] = glyph;
    }
    font.defineChars(variant, made);
  }

  // Commands of mathematics within text, as in \text{about \pi}, with the groups that follow them at once.
  const {default: TexParser} = modules.input.tex.TexParser;
  const text = modules.input.tex.Configuration.ConfigurationHandler.get('text-base');
  text.fallback.macro = (parser, name) => {
    const [groups] = parser.string.slice(parser.i).match(/^(?:\[[^\[\]]*\]|\{(?:[^{}]|\{[^{}]*\})*\})*/);
    parser.i += groups.length;
    parser.saveText();
    const end = groups ? '' : ' ';
    parser.PushMath(new TexParser(`\\${name}${end}${groups}`, parser.stack.env, parser.texParser.configuration).mml());
  };

  // A line break outside an environment would be left out of the drawing.
  function refuseBreaks({data}) {
    data.root.walkTree((node) => {
      if (node.isKind('mspace') && node.attributes.getExplicit('linebreak') === 'newline') {
        throw new Error('a line break outside an environment');
      }
    });
  }

  function drawn(packages, source, display) {
    const fail = (_, error) => { throw error; };
    // Made anew each time: macros that one formula defines end with it.
    const input = new modules.input.tex_ts.TeX({packages, formatError: fail, macros: MACROS});
    input.postFilters.add(refuseBreaks);
    const page = modules.mathjax.mathjax.document('', {InputJax: input, OutputJax: output});
    return adaptor.innerHTML(page.convert(source, {display, em: 16, ex: 8, containerWidth: 16, lineWidth: 1e6}));
  }

  globalThis.draw = (source, display) => {
    // Models leave out the environment around several lines, and write with the package physics.
    const lines = `\\begin{aligned}${source}\\end{aligned}`;
    const tries = [[PACKAGES, source], [PACKAGES, lines], [WITH_PHYSICS, source], [WITH_PHYSICS, lines]];
    let first = null;
    for (const [packages, text] of tries) {
      try {
        return drawn(packages, text, display);
      } catch (error) {
        first ||= error;
      }
    }
    throw new Error(first.message || String(first));
  };
})();
