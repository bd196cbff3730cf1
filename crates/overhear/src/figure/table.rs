//! A table of numbers, as text cells ready for a page.

use super::number;

/// A table: what a figure was drawn from, or a table of the report itself.
#[derive(Debug, Clone, Default)]
pub struct DataTable {
    /// What it holds; may be empty where the figure's caption says it.
    pub caption: String,
    /// Headings over several columns, with how many; empty for none.
    pub groups: Vec<(String, usize)>,
    /// One heading per column.
    pub head: Vec<String>,
    /// The leading columns that are text, aligned left; the others are numbers, aligned on their decimal points.
    pub text_columns: usize,
    /// Rows of as many cells as `head`.
    pub rows: Vec<Vec<String>>,
}

impl DataTable {
    /// A table of `head`, its first `text_columns` columns being text.
    pub fn new(caption: &str, text_columns: usize, head: &[&str], rows: Vec<Vec<String>>) -> DataTable {
        let head = head.iter().map(|&h| h.to_owned()).collect();
        DataTable { caption: caption.to_owned(), groups: Vec::new(), head, text_columns, rows }.aligned()
    }

    /// The same with headings over groups of columns.
    pub fn grouped(self, groups: Vec<(String, usize)>) -> DataTable {
        DataTable { groups, ..self }
    }

    fn aligned(mut self) -> DataTable {
        for column in self.text_columns..self.head.len() {
            let mut cells: Vec<&mut String> =
                self.rows.iter_mut().filter_map(|row| row.get_mut(column)).collect();
            number::align_decimals(&mut cells);
        }
        self
    }
}
