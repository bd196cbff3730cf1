//! Columns that were asked for as text: labels, units, folds. Which texts stand for a missing cell, and the order of the rest.

use super::note::TableNote;
use super::{Column, Table};

/// A column of texts as codes.
pub(super) struct Labels<'a> {
    /// The code of each row; `None` where it is missing (n_rows).
    pub(super) codes: Vec<Option<u32>>,
    /// What the codes stand for.
    texts: &'a [String],
}

/// What R, pandas and spreadsheets write for a missing cell, and nobody for a class.
pub(super) fn is_missing(text: &str) -> bool {
    matches!(text, "" | "NA" | "NaN" | "nan" | "NAN" | "<NA>" | "N/A" | "#N/A")
}

/// What Python and databases write for a missing cell, and people for a class.
pub(super) fn is_none(text: &str) -> bool {
    matches!(text, "None" | "none" | "NONE" | "null" | "Null" | "NULL")
}

impl<'a> Labels<'a> {
    /// A column that was asked for as text. `None` and `null` are classes, unless all others are numbers.
    pub(super) fn of(table: &'a Table, name: &str, notes: &mut Vec<TableNote>) -> Labels<'a> {
        let Some(Column::Text { codes, texts }) = table.column(name) else {
            // Roles::check_names() has found it, and Table::read() kept it as text
            return Labels { codes: vec![None; table.n_rows], texts: &[] };
        };
        let mut others = texts.iter().filter(|text| !is_missing(text) && !is_none(text)).peekable();
        let of_numbers = others.peek().is_some() && others.all(|text| text.parse::<f64>().is_ok());
        let missing: Vec<bool> =
            texts.iter().map(|text| is_missing(text) || (of_numbers && is_none(text))).collect();
        let mut rows = vec![0; texts.len()];
        codes.iter().flatten().for_each(|&code| rows[code as usize] += 1);
        for (text, rows) in
            texts.iter().zip(rows).zip(&missing).filter_map(|(row, missing)| missing.then_some(row))
        {
            notes.push(TableNote::ReadAsMissing { column: name.to_owned(), text: text.clone(), rows });
        }
        let present = |code: &Option<u32>| code.filter(|&code| !missing[code as usize]);
        Labels { codes: codes.iter().map(present).collect(), texts }
    }

    /// Rows as ranks among the texts that some row has, and these: sorted by value where all are numbers.
    pub(super) fn ranked(&self, rows: &[usize]) -> (Vec<u32>, Vec<String>) {
        let (codes, texts) = (&self.codes, self.texts);
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
}
