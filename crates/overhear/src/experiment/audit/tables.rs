//! The tables of a task: windows, the same less the home's level, stretches of them, and series second by second.

use super::Gathered;
use super::series;
use super::stretch::{self, Watched};
use super::task::Table;
use super::used::UsedRound;
use super::view::{Grouping, Horizon, Sequence};
use crate::Error;
use crate::assemble::{Joined, join};
use overhear_learn::inference::Design;
use overhear_traffic::window::Bins;

impl Gathered {
    /// Everything that some rounds are looked at as, by one observer: windows first.
    ///
    /// # Errors
    /// [`Error::Learn`] where rows make no table.
    pub(super) fn tables(
        &self,
        observer: usize,
        used: &[&UsedRound],
        design: &Design,
        conditions: &[String],
    ) -> Result<Vec<Table>, Error> {
        let (mut tables, mut of_stretches) = (Vec::new(), Vec::new());
        for (w, &windowing) in self.windowings.iter().enumerate() {
            let place = observer * self.windowings.len() + w;
            let rounds = used.iter().zip(&design.classes);
            let rounds = rounds.map(|(round, &class)| (&round.tables[place], class, round.unit));
            let joined = join(rounds, conditions.to_vec())?;
            let watched =
                |round: &&UsedRound| Watched { span: round.span, is_silent: round.tables[place].is_silent };
            let watched: Vec<Watched> = used.iter().map(watched).collect();
            let stretches = self.stretches(windowing, &joined, &watched, design.is_paired())?;
            of_stretches.extend(stretches);
            let relative = design.is_paired().then(|| stretch::less_home(&joined)).transpose()?.flatten();
            tables.push(Table::new(windowing, joined, &self.horizons));
            of_stretches.extend(relative.map(|rows| Table::new(windowing.less_home(), rows, &self.horizons)));
        }
        tables.append(&mut of_stretches);
        for &sequence in self.sequences() {
            tables.extend(self.series(sequence, observer, used, design, conditions)?);
        }
        Ok(tables)
    }

    /// Tables whose rows are stretches of the windows, as long as each horizon; of pairs those of whole rounds once more, less the
    /// home's level, as the windows themselves are.
    fn stretches(
        &self,
        windowing: Grouping,
        windows: &Joined,
        watched: &[Watched],
        paired: bool,
    ) -> Result<Vec<Table>, Error> {
        let mut tables = Vec::new();
        let mut n_rows = windows.round.len();
        for &horizon in self.horizons.iter().filter(|&&horizon| horizon != Horizon::Window) {
            let rows = stretch::rows(windows, watched, horizon)?;
            // a longer stretch that holds no more than the shorter one adds nothing
            let Some(rows) = rows.filter(|rows| rows.round.len() != n_rows) else { continue };
            n_rows = rows.round.len();
            let by = windowing.by(horizon);
            let is_whole = paired && n_rows == watched.len();
            if let Some(relative) = is_whole.then(|| stretch::less_home(&rows)).transpose()?.flatten() {
                tables.push(Table::new(by.less_home(), relative, &self.horizons));
            }
            tables.push(Table::new(by, rows, &self.horizons));
        }
        Ok(tables)
    }

    /// Tables of what a transform makes of stretches second by second, as long as each horizon.
    fn series(
        &self,
        sequence: Sequence,
        observer: usize,
        used: &[&UsedRound],
        design: &Design,
        conditions: &[String],
    ) -> Result<Vec<Table>, Error> {
        let watched = |round: &&UsedRound| Watched { span: round.span, is_silent: false };
        let rounds: Vec<(&Bins, Watched)> =
            used.iter().map(|round| (&round.bins[observer], watched(round))).collect();
        let mut tables = Vec::new();
        let mut n_rows = 0;
        for &horizon in &self.horizons {
            let Some(stretches) = series::of(&rounds, horizon) else { continue };
            // a longer stretch of which there are as many adds nothing
            if stretches.places.len() == n_rows {
                continue;
            }
            n_rows = stretches.places.len();
            let Some(joined) = stretches.transformed(sequence.entry(), &design.classes, conditions)? else {
                continue;
            };
            tables.push(Table::new(Grouping::sequence(sequence, horizon), joined, &self.horizons));
        }
        Ok(tables)
    }
}
