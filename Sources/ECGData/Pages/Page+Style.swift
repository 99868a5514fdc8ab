extension Page {
  /// The page's style: colours for light and dark screens with contrasts of 4.5 and more, and for paper.
  static let style = Markup(
    verbatim: """
      :root { color-scheme: light dark; --paper: #ffffff; --ink: #1b1f24; --faint: #57606a; --line: #d0d7de;
        --link: #0550ae; --error: #a40e26; --warning: #7a4b00; --note: #3d4b5c; --bar: #1f66b8;
        --middle: #a40e26; --series-1: #0072b2; --series-2: #c44900; --series-3: #007f5c; --series-4: #a8437e;
        --series-5: #94720a; --series-6: #2a86bd; --series-7: #1b1f24; --series-8: #7f7f7f; }
      @media (prefers-color-scheme: dark) { :root { --paper: #14181d; --ink: #e6edf3; --faint: #a5b0bb;
        --line: #3d444d; --link: #82b7ff; --error: #ffa198; --warning: #f2c46d; --note: #b6c4d4;
        --bar: #6aa7ee; --middle: #ffa198; --series-1: #4aa8e0; --series-2: #ff8a45; --series-3: #2fc79a;
        --series-4: #e08abb; --series-5: #d8b03c; --series-6: #8fd0f5; --series-7: #e6edf3; --series-8: #a0a0a0; } }
      * { box-sizing: border-box; }
      body { margin: 0 auto; padding: 1rem 1.25rem 4rem; max-width: 78rem; background: var(--paper); color: var(--ink);
        font: 1rem/1.5 system-ui, "Segoe UI", Helvetica, Arial, sans-serif; overflow-wrap: anywhere; }
      a { color: var(--link); }
      a:focus-visible, summary:focus-visible, .wide:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
      .skip { position: absolute; left: -100rem; }
      .skip:focus { position: static; }
      h1 { font-size: 1.7rem; line-height: 1.2; margin: .6rem 0 .3rem; }
      h2 { font-size: 1.3rem; margin: 2.4rem 0 .6rem; padding-top: .6rem; border-top: 1px solid var(--line); }
      h3 { font-size: 1.08rem; margin: 1.6rem 0 .4rem; }
      h4 { font-size: .92rem; margin: 0 0 .2rem; }
      p, ul { margin: .4rem 0 .8rem; }
      nav ul { display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; padding: 0; list-style: none; }
      .verdict { font-size: 1.1rem; font-weight: 600; }
      .faint, caption, figcaption { color: var(--faint); font-size: .9rem; }
      code { font: .9em ui-monospace, "DejaVu Sans Mono", monospace; unicode-bidi: isolate; }
      .wide { overflow-x: auto; margin: .6rem 0 1rem; }
      table { border-collapse: collapse; font-size: .9rem; min-width: 20rem; }
      caption { text-align: left; padding-bottom: .3rem; }
      th, td { padding: .28rem 1.2rem .28rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line);
        min-width: 3.2rem; max-width: 40rem; overflow-wrap: break-word; }
      th { font-weight: 600; }
      .sentence { min-width: 16rem; }
      .number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
      .error, .warning, .note { font-weight: 600; white-space: nowrap; }
      .error { color: var(--error); }
      .warning { color: var(--warning); }
      .note { color: var(--note); }
      .plots { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(20rem, 100%), 1fr)); gap: 1rem 1.5rem; }
      .blocks { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(34rem, 100%), 1fr)); gap: 0 2rem; }
      .blocks > div { min-width: 0; }
      figure { margin: 0; break-inside: avoid; }
      .plots svg { display: block; max-width: 100%; height: auto; }
      .case { margin: 1rem 0 2rem; }
      .case .wide { border: 1px solid var(--line); background: #ffffff; width: fit-content; max-width: 100%; }
      .case svg { display: block; max-width: max(100%, 44rem); height: auto; }
      .case ul { padding-left: 1.2rem; }
      pre { font: .85em/1.35 ui-monospace, "DejaVu Sans Mono", monospace; margin: .4rem 0; white-space: pre-wrap; }
      summary { cursor: pointer; color: var(--link); }
      @media print { :root { --paper: #ffffff; --ink: #000000; --faint: #444444; --line: #bbbbbb; --error: #a40e26;
        --warning: #7a4b00; --note: #3d4b5c; --bar: #1f66b8; --middle: #a40e26; --link: #000000;
        --series-1: #0072b2; --series-2: #c44900; --series-3: #007f5c; --series-4: #a8437e;
        --series-5: #94720a; --series-6: #2a86bd; --series-7: #1b1f24; --series-8: #7f7f7f; }
        html { font-size: 10px; } body { max-width: none; padding: 0; } .sentence { min-width: 0; } nav, .skip { display: none; } .wide { overflow: visible; }
        .case svg { max-width: 100%; } tr { break-inside: avoid; } h2, h3 { break-after: avoid; } }
      """)
}
