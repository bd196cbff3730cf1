//! Which column is the label, which the unit, and which are features.

use super::layout::{ID_COLUMNS, START_NS, UNIT, WINDOW};
use super::{Column, Table};
use crate::Error;
use overhear_learn::{Dataset, Matrix};

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
}

/// A labelled table, and what was done to make it one.
#[derive(Debug, Clone)]
pub struct Labelled {
    /// Features, classes, units and times.
    pub data: Dataset,
    /// The fold each row is tested in, where [`Roles::fold`] names a column (n_rows).
    pub folds: Option<Vec<u32>>,
    /// What a user should know: cells filled, rows and columns left out.
    pub warnings: Vec<String>,
}

impl Roles {
    /// The columns that must be read as text.
    pub fn text_columns(&self) -> Vec<&str> {
        let optional = [self.unit.as_deref(), self.fold.as_deref()];
        std::iter::once(self.label.as_str()).chain(optional.into_iter().flatten()).collect()
    }

    /// Makes a labelled table of a table that was read with [`Roles::text_columns`].
    ///
    /// Classes are sorted, by value where all are numbers. A missing feature becomes 0 (METHOD.md
    /// section 1), a row without a label or unit is left out; both are told in the warnings. In a
    /// feature table of this program `unit`, `window` and `start_ns` are no features; `start_ns` is the time.
    ///
    /// # Errors
    /// [`Error::Table`] where a named column is absent, a feature is text or not finite, or no row or
    /// column is left; the message says what to do.
    pub fn assign(&self, table: &Table) -> Result<Labelled, Error> {
        self.check_names(table)?;
        let mut warnings = Vec::new();
        let label = text(table, &self.label);
        let unit = self.unit.as_deref().map(|name| text(table, name));
        let fold = self.fold.as_deref().map(|name| text(table, name));
        let whole = |row: usize| {
            label.0[row].is_some()
                && unit.is_none_or(|u| u.0[row].is_some())
                && fold.is_none_or(|f| f.0[row].is_some())
        };
        let rows: Vec<usize> = (0..table.n_rows).filter(|&row| whole(row)).collect();
        if rows.len() < table.n_rows {
            let n = table.n_rows - rows.len();
            warnings.push(format!("{n} of {} rows are left out: no label or unit", table.n_rows));
        }
        if rows.is_empty() {
            return Err(self.wrong(table, "it has no rows with a label; there is nothing to learn from"));
        }
        let (features, x) = self.features(table, &rows, &mut warnings)?;
        let (y, classes) = ranked(label, &rows);
        let starts_ns = match table.column(START_NS) {
            Some(Column::Numbers(times)) => rows.iter().map(|&row| times[row].map(|t| t as i64)).collect(),
            _ => None,
        };
        let data = Dataset { features, x, y, classes, units: unit.map(|u| ranked(u, &rows).0), starts_ns };
        Ok(Labelled { data, folds: fold.map(|f| ranked(f, &rows).0), warnings })
    }

    fn wrong(&self, table: &Table, what: impl Into<String>) -> Error {
        Error::Table { table: table.name.clone(), what: what.into() }
    }

    fn check_names(&self, table: &Table) -> Result<(), Error> {
        let drop = self.drop.iter().map(String::as_str);
        for name in self.text_columns().into_iter().chain(drop) {
            if table.column(name).is_none() {
                let columns: Vec<&str> = table.columns.iter().map(|(name, _)| name.as_str()).collect();
                let what = format!("it has no column {name:?}; its columns are: {}", columns.join(", "));
                return Err(self.wrong(table, what));
            }
        }
        Ok(())
    }

    fn features(
        &self,
        table: &Table,
        rows: &[usize],
        warnings: &mut Vec<String>,
    ) -> Result<(Vec<String>, Matrix), Error> {
        let ours = ID_COLUMNS.iter().all(|id| table.column(id).is_some());
        let roles = self.text_columns();
        let (mut names, mut columns, mut text) = (Vec::new(), Vec::new(), Vec::new());
        for (name, cells) in &table.columns {
            if roles.contains(&name.as_str()) || self.drop.contains(name) {
                continue;
            }
            if ours && [UNIT, WINDOW, START_NS].contains(&name.as_str()) {
                warnings.push(format!("{name} says which window, not what is in it: it is left out"));
                continue;
            }
            match cells {
                Column::Numbers(values) => {
                    columns.push(self.numbers(table, name, values, rows, warnings)?);
                    names.push(name.clone());
                }
                Column::NotNumbers { row, found } => text.push((name, *row, found)),
                Column::Text { texts, .. } => {
                    text.push((name, 1, texts.first().unwrap_or(name)));
                }
            }
        }
        if let Some((name, row, found)) = text.first() {
            let drop: Vec<String> = text.iter().map(|(name, ..)| format!("--drop {name}")).collect();
            let what = format!(
                "column {name:?} is text ({found:?} in row {row}); learners take numbers. Leave text out with: {}",
                drop.join(" ")
            );
            return Err(self.wrong(table, what));
        }
        if names.is_empty() {
            return Err(self.wrong(table, "no column is left to learn from; drop fewer"));
        }
        Ok((names, Matrix::from_columns(&columns)?))
    }

    fn numbers(
        &self,
        table: &Table,
        name: &str,
        values: &[Option<f64>],
        rows: &[usize],
        warnings: &mut Vec<String>,
    ) -> Result<Vec<f64>, Error> {
        let missing = rows.iter().filter(|&&row| values[row].is_none()).count();
        if missing > 0 {
            warnings.push(format!("{name}: {missing} missing cells are taken as 0"));
        }
        let number = |&row: &usize| {
            let value = values[row].unwrap_or(0.0);
            if value.is_finite() {
                return Ok(value);
            }
            let what =
                format!("row {}, column {name:?}: {value} is no finite number; leave the row out", row + 1);
            Err(self.wrong(table, what))
        };
        let numbers: Vec<f64> = rows.iter().map(number).collect::<Result<_, _>>()?;
        if numbers.iter().all(|&v| v == numbers[0]) {
            warnings.push(format!("{name} is constant ({}): it tells nothing", numbers[0]));
        }
        Ok(numbers)
    }
}

type Text<'a> = (&'a [Option<u32>], &'a [String]);

/// A column that was asked for as text.
fn text<'a>(table: &'a Table, name: &str) -> Text<'a> {
    match table.column(name) {
        Some(Column::Text { codes, texts }) => (codes, texts),
        // check_names() has found it, and Table::read() was told to keep it as text
        _ => (&[], &[]),
    }
}

/// Rows of a text column as ranks among the sorted texts, and the texts.
fn ranked((codes, texts): Text<'_>, rows: &[usize]) -> (Vec<u32>, Vec<String>) {
    let mut used: Vec<u32> = rows.iter().filter_map(|&row| codes[row]).collect();
    used.sort_unstable();
    used.dedup();
    let number = |code: &u32| texts[*code as usize].parse::<f64>().ok().filter(|n| n.is_finite());
    if used.iter().all(|code| number(code).is_some()) {
        used.sort_by(|a, b| f64::total_cmp(&number(a).unwrap_or(0.0), &number(b).unwrap_or(0.0)));
    } else {
        used.sort_by(|a, b| texts[*a as usize].cmp(&texts[*b as usize]));
    }
    let mut rank = vec![0; texts.len()];
    for (place, &code) in (0..).zip(&used) {
        rank[code as usize] = place;
    }
    let ranks = rows.iter().filter_map(|&row| codes[row]).map(|code| rank[code as usize]).collect();
    (ranks, used.iter().map(|&code| texts[code as usize].clone()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assign(csv: &str, roles: Roles) -> Result<Labelled, Error> {
        let table = Table::from_csv("t.csv", csv.as_bytes(), &roles.text_columns())?;
        roles.assign(&table)
    }

    fn label(name: &str) -> Roles {
        Roles { label: name.to_owned(), ..Roles::default() }
    }

    #[test]
    fn classes_are_sorted_and_missing_cells_become_zero() {
        let found = assign("a,b,y\n1,,noise\n2,3,quiet\n4,5,noise\n", label("y")).unwrap();
        assert_eq!(found.data.classes, ["noise", "quiet"]);
        assert_eq!(found.data.y, [0, 1, 0]);
        assert_eq!(found.data.x.column(1), [0.0, 3.0, 5.0]);
        assert_eq!(found.warnings, ["b: 1 missing cells are taken as 0"]);
    }

    #[test]
    fn numeric_classes_are_sorted_by_value() {
        assert_eq!(assign("a,y\n1,10\n2,9\n", label("y")).unwrap().data.classes, ["9", "10"]);
    }

    #[test]
    fn text_columns_are_refused_and_all_named() {
        let e = assign("a,host,proto,y\n1,h,UDP,0\n", label("y")).unwrap_err().to_string();
        assert!(e.contains("--drop host --drop proto"), "{e}");
    }

    #[test]
    fn an_absent_label_lists_the_columns() {
        let e = assign("a,b\n1,2\n", label("y")).unwrap_err().to_string();
        assert_eq!(e, "t.csv: it has no column \"y\"; its columns are: a, b");
    }

    #[test]
    fn a_table_without_rows_is_refused() {
        let e = assign("a,y\n", label("y")).unwrap_err().to_string();
        assert!(e.contains("no rows"), "{e}");
    }

    #[test]
    fn an_infinite_cell_is_named() {
        let e = assign("a,y\n1,0\ninf,1\n", label("y")).unwrap_err().to_string();
        assert!(e.contains("row 2, column \"a\""), "{e}");
    }

    #[test]
    fn rows_without_a_label_are_left_out_and_said_so() {
        let found = assign("a,y\n1,0\n2,\n3,1\n", label("y")).unwrap();
        assert_eq!(found.data.n_rows(), 2);
        assert_eq!(found.warnings, ["1 of 3 rows are left out: no label or unit"]);
    }
}
