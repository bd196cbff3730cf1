//! A panel, inline on a page, and a whole figure as a file.

use std::fmt::Write as _;

use super::svg::{self, Canvas};
use super::{Figure, style};

/// One drawing of a figure.
#[derive(Debug, Clone)]
pub struct Panel {
    /// Unique on the page; its title and description are `ID-title`, `ID-desc`.
    pub id: String,
    /// Width in its own units.
    pub width: f64,
    /// Height in its own units.
    pub height: f64,
    /// What it is, for those who do not see it.
    pub title: String,
    /// What it shows, in words.
    pub desc: String,
    body: String,
}

impl Panel {
    /// A panel from what was drawn.
    pub fn new(
        id: String,
        (width, height): (f64, f64),
        title: String,
        desc: String,
        canvas: Canvas,
    ) -> Panel {
        Panel { id, width, height, title, desc, body: canvas.into_body() }
    }

    /// The panel as an `<svg>` element of a page that has the style sheet of [`style::css`].
    pub fn inline(&self) -> String {
        let id = &self.id;
        format!(
            r#"<svg class="oh" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {} {}" role="img" aria-labelledby="{id}-title {id}-desc"><title id="{id}-title">{}</title><desc id="{id}-desc">{}</desc>{}</svg>"#,
            svg::number(self.width),
            svg::number(self.height),
            svg::escape(&self.title),
            svg::escape(&self.desc),
            self.body
        )
    }
}

const MARGIN: f64 = 24.0;
const GAP: f64 = 28.0;

/// Lays the panels out in rows under a heading and writes the style sheet into the file.
pub(super) fn file(figure: &Figure, generated: Option<&str>) -> String {
    let columns = figure.columns.clamp(1, figure.panels.len().max(1));
    let panel_width = figure.panels.iter().map(|p| p.width).fold(320.0, f64::max);
    let width = 2.0 * MARGIN + columns as f64 * panel_width + (columns - 1) as f64 * GAP;
    let mut heading = Canvas::default();
    let most = ((width - 2.0 * MARGIN) / 8.4) as usize;
    let mut y = MARGIN;
    for line in svg::wrapped(&format!("{}. {}", figure.number, figure.title), most) {
        y += 16.0;
        heading.text("h f-ink", (MARGIN, y), svg::Anchor::Start, &line);
        y += 5.0;
    }
    let generated = generated.map(|g| format!("Generated traffic: {g}"));
    let notes = [Some(figure.measured.clone()), generated];
    for line in notes.iter().flatten().flat_map(|note| svg::wrapped(note, most * 11 / 10)) {
        y += 16.0;
        heading.text("n f-muted", (MARGIN, y), svg::Anchor::Start, &line);
    }
    y += GAP;
    let mut panels = String::new();
    for row in figure.panels.chunks(columns) {
        for (k, panel) in row.iter().enumerate() {
            let x = MARGIN + k as f64 * (panel_width + GAP);
            let _ = write!(
                panels,
                r#"<g transform="translate({} {})">{}</g>"#,
                svg::number(x),
                svg::number(y),
                panel.body
            );
        }
        y += row.iter().map(|p| p.height).fold(0.0, f64::max) + GAP;
    }
    let height = y - GAP + MARGIN;
    let descriptions: Vec<&str> = figure.panels.iter().map(|p| p.desc.as_str()).collect();
    let slug = figure.slug;
    format!(
        r#"<svg class="oh" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {w} {h}" width="{w}" height="{h}" role="img" aria-labelledby="{slug}-title {slug}-desc"><title id="{slug}-title">{}</title><desc id="{slug}-desc">{}</desc><style>{}</style><rect class="f-paper" width="{w}" height="{h}"/>{}{panels}</svg>
"#,
        svg::escape(&format!("{}. {}", figure.number, figure.title)),
        svg::escape(&format!("{} {}", figure.caption, descriptions.join(" "))),
        style::css(),
        heading.into_body(),
        w = svg::number(width),
        h = svg::number(height),
    )
}
