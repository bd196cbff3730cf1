//! Which column is the label, which the unit, and which are features.

use super::fault::TableFault;
use super::labels::Labels;
use super::layout::{ID_COLUMNS, START_NS};
use super::note::TableNote;
use super::{Column, Table, not_feature};
use crate::Error;
use overhear_learn::{Dataset, Matrix};
use overhear_traffic::feature::FEATURES;

/// The part each column plays; the columns not named are features.
#[derive(Debug, Clone, Default)]
pub struct Roles {
    /// The class of each row.
    pub label: String,
    /// The unit each row belongs to.
    pub unit: Option<String>,
    /// The fold each row is tested in.
    pub fold: Option<String>,
    /// Columns left out.
    pub drop: Vec<String>,
    /// Columns that are features though they look like row numbers or times.
    pub keep: Vec<String>,
}

/// A labelled table, and what was done to make it one.
#[derive(Debug, Clone)]
pub struct Labelled {
    /// Features, classes, units and times.
    pub data: Dataset,
    /// The fold each row is tested in, where [`Roles::fold`] names a column (n_rows).
    pub folds: Option<Vec<u32>>,
    /// What a user should know: cells filled, rows and columns left out.
    pub warnings: Vec<TableNote>,
}

impl Roles {
    /// The columns that must be read as text.
    pub fn text_columns(&self) -> Vec<&str> {
        let optional = [self.unit.as_deref(), self.fold.as_deref()];
        std::iter::once(self.label.as_str()).chain(optional.into_iter().flatten()).collect()
    }

    /// Makes a labelled table of a table that was read with [`Roles::text_columns`].
    ///
    /// Classes are sorted, by value where all are numbers. A missing feature becomes 0 (docs/method.md,
    /// "Features"), a row without a label or unit is left out, and so are columns of row numbers and times; the warnings
    /// say so. In a feature table of this program the columns that say where a window is from are no features. `start_ns` is the time.
    ///
    /// # Errors
    /// [`Error::Table`] where a named column is absent, a feature is text or not finite, or no row or
    /// column is left; the message says what to do.
    pub fn assign(&self, table: &Table) -> Result<Labelled, Error> {
        let wrong = |fault| Error::Table { table: table.name.clone(), fault };
        self.check_names(table).map_err(wrong)?;
        let mut warnings = table.notes.clone();
        let label = Labels::of(table, &self.label, &mut warnings);
        let unit = self.unit.as_deref().map(|name| Labels::of(table, name, &mut warnings));
        let fold = self.fold.as_deref().map(|name| Labels::of(table, name, &mut warnings));
        let whole = |row: usize| {
            label.codes[row].is_some()
                && unit.as_ref().is_none_or(|u| u.codes[row].is_some())
                && fold.as_ref().is_none_or(|f| f.codes[row].is_some())
        };
        let rows: Vec<usize> = (0..table.n_rows).filter(|&row| whole(row)).collect();
        if rows.len() < table.n_rows {
            warnings.push(TableNote::RowsLeftOut { rows: table.n_rows - rows.len(), of: table.n_rows });
        }
        if rows.is_empty() {
            return Err(wrong(TableFault::NoRows));
        }
        let (features, columns) = self.features(table, &rows, &mut warnings).map_err(wrong)?;
        let x = Matrix::from_columns(&columns)?;
        let (y, classes) = label.ranked(&rows);
        let starts_ns = match table.column(START_NS) {
            Some(Column::Numbers(times)) => rows.iter().map(|&row| times[row].map(|t| t as i64)).collect(),
            _ => None,
        };
        let units = unit.map(|unit| unit.ranked(&rows).0);
        let data = Dataset { features, x, y, classes, units, starts_ns };
        Ok(Labelled { data, folds: fold.map(|fold| fold.ranked(&rows).0), warnings })
    }

    fn check_names(&self, table: &Table) -> Result<(), TableFault> {
        let others = self.drop.iter().chain(&self.keep).map(String::as_str);
        match self.text_columns().into_iter().chain(others).find(|name| table.column(name).is_none()) {
            Some(absent) => Err(TableFault::NoColumn {
                column: absent.to_owned(),
                columns: table.columns.iter().map(|(name, _)| name.clone()).collect(),
            }),
            None => Ok(()),
        }
    }

    /// The features' names and numbers.
    fn features(
        &self,
        table: &Table,
        rows: &[usize],
        notes: &mut Vec<TableNote>,
    ) -> Result<(Vec<String>, Vec<Vec<f64>>), TableFault> {
        let roles = self.text_columns();
        let (mut columns, mut left_out) = (Vec::new(), Vec::new());
        let mut ids = Vec::new();
        for (place, (name, cells)) in table.columns.iter().enumerate() {
            if roles.contains(&name.as_str()) || self.drop.contains(name) {
                continue;
            }
            if self.is_id(table, place) {
                ids.push(name.clone());
                left_out.push(name.clone());
                continue;
            }
            match self.not_a_feature(table, place) {
                Some(note) => {
                    notes.push(note);
                    left_out.push(name.clone());
                }
                None => columns.push((name.as_str(), cells)),
            }
        }
        if !ids.is_empty() {
            let windowings = table.n_texts("windowing");
            notes.extend((windowings > 1).then_some(TableNote::SeveralWindowings { windowings }));
            notes.push(TableNote::WindowIds { columns: ids });
        }
        if columns.is_empty() {
            return Err(TableFault::NoFeatures { left_out });
        }
        let numbers = table.finite_numbers(&columns, rows, notes)?;
        for ((name, _), numbers) in columns.iter().zip(&numbers) {
            if numbers.iter().all(|&v| v == numbers[0]) {
                notes.push(TableNote::Constant { column: (*name).to_owned(), value: numbers[0] });
            }
        }
        Ok((columns.iter().map(|(name, _)| (*name).to_owned()).collect(), numbers))
    }

    /// Whether a column of one of this program's tables says which window or event a row is: what stands up to `start_ns`.
    fn is_id(&self, table: &Table, place: usize) -> bool {
        let name = &table.columns[place].0;
        let last = table.columns.iter().position(|(name, _)| name == START_NS);
        let stands_before = last.is_some_and(|last| place <= last);
        let is_id = stands_before || ID_COLUMNS.contains(&name.as_str());
        is_id && is_ours(table) && !self.keep.contains(name)
    }

    /// Why a column is no feature; `None` where it is one.
    fn not_a_feature(&self, table: &Table, place: usize) -> Option<TableNote> {
        let name = &table.columns[place].0;
        if self.keep.contains(name) || (is_ours(table) && FEATURES.iter().any(|feature| feature.name == name))
        {
            return None;
        }
        not_feature::reason(table, place)
    }
}

/// Whether a table has the columns of this program's.
fn is_ours(table: &Table) -> bool {
    ID_COLUMNS.iter().all(|id| table.column(id).is_some())
}
