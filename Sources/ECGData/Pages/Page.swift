/// A page in HTML 5 that is well-formed XML too, needs no other file, no script and no network.
package struct Page {
  /// A part of a page with a headline, to which the page's head links.
  package struct Section {
    let id: String
    let title: String
    let content: Markup

    /// - Parameters:
    ///   - id: what the link names; no two sections share it.
    ///   - title: the headline.
    ///   - content: what is below it.
    package init(id: String, title: String, content: Markup) {
      (self.id, self.title, self.content) = (id, title, content)
    }
  }

  let title: String
  let summary: Markup
  let sections: [Section]
  let version: String

  /// - Parameters:
  ///   - title: the headline of all.
  ///   - summary: what is below it.
  ///   - sections: the parts.
  ///   - version: of the tool, which the page names.
  package init(title: String, summary: Markup, sections: [Section], version: String) {
    (self.title, self.summary, self.sections, self.version) = (title, summary, sections, version)
  }

  /// The whole file.
  package var html: String {
    let links = sections.map { section -> Markup in
      "<li><a href=\"#\(section.id)\">\(section.title)</a></li>"
    }
    let contents = sections.map { section -> Markup in
      """
      <section aria-labelledby="\(section.id)"><h2 id="\(section.id)">\(section.title)</h2>
      \(section.content)
      </section>
      """
    }
    let page: Markup = """
      <!DOCTYPE html>
      <html xmlns="http://www.w3.org/1999/xhtml" lang="en">
      <head>
      <meta charset="utf-8"/>
      <meta name="viewport" content="width=device-width, initial-scale=1"/>
      <meta name="generator" content="Einthoven \(version)"/>
      <link rel="icon" href="data:,"/>
      <title>\(title)</title>
      <style>
      \(Page.style)
      </style>
      </head>
      <body>
      <a class="skip" href="#main">Skip to the content</a>
      <header>
      <h1>\(title)</h1>
      \(summary)
      </header>
      <nav aria-label="Sections"><ul>
      \(links)
      </ul></nav>
      <main id="main">
      \(contents)
      </main>
      </body>
      </html>

      """
    return page.text
  }
}
