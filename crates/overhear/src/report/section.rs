//! The parts of a page: of an audit's, and of that of defences.

use crate::figure::{DataTable, Figure};

/// A part of the page.
#[derive(Default)]
pub(super) struct Section<'a> {
    /// Its anchor.
    pub id: &'static str,
    /// In the contents list.
    pub name: &'static str,
    /// On the page: the finding, where it has one of its own.
    pub heading: String,
    pub text: Vec<String>,
    /// Sentences one by one, each with its sign.
    pub points: Vec<Point>,
    pub items: Vec<String>,
    pub settings: Vec<(&'static str, String)>,
    pub tables: Vec<DataTable>,
    pub figures: Vec<&'a Figure>,
    /// Tables that explain the figures.
    pub after: Vec<DataTable>,
    /// Files of the report beside the page.
    pub files: Vec<&'static str>,
    /// Long tables, opened by their caption.
    pub folded: Vec<(&'static str, DataTable)>,
}

impl Section<'_> {
    /// What the contents list shows beneath the name: the section's figures.
    pub(super) fn numbers(&self) -> String {
        self.figures.iter().map(|f| f.number.as_str()).collect::<Vec<_>>().join(", ")
    }
}

/// A sentence with a sign and a heading of its own.
pub(super) struct Point {
    pub class: &'static str,
    pub sign: &'static str,
    pub head: String,
    /// Small print beside the heading.
    pub aside: String,
    pub text: String,
}
