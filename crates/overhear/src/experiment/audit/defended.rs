//! The rounds of an audit once more, behind defences.

use super::Gathered;
use super::rounds::tables;
use super::stretch::Watched;
use super::used::UsedRound;
use crate::Error;
use crate::assemble::{Recogniser, RoundSource, RoundTable, Stack, Wanted, round_windows};
use crate::engine::Engine;
use overhear_learn::Dataset;
use overhear_traffic::window::Bins;
use std::collections::BTreeSet;

impl Gathered {
    /// The rounds that were used, read behind a stack of defences: what was left out before is left out here, and all that was noticed
    /// stands. `cover`: by observer what it takes for cover and leaves out; nothing where it is empty. `None` of a table.
    ///
    /// # Errors
    /// [`Error::Traffic`], [`Error::Stopped`].
    pub fn defended(
        &self,
        stack: &Stack,
        cover: &[Recogniser],
        engine: &Engine<'_>,
    ) -> Result<Option<Gathered>, Error> {
        let Some(look) = &self.look else { return Ok(None) };
        let representation = &look.representation;
        let rounds = engine.in_steps(&self.rounds, |round| {
            let Some(source) = round.behind(stack) else { return Ok(round.clone()) };
            let watched = Watched { span: source.span(), is_silent: false };
            let from = watched.known().map(|(start, _)| start);
            let wanted = Wanted {
                windowings: &representation.windowings,
                features: representation.features,
                bins: (!representation.sequences.is_empty()).then(|| Bins::from(from)),
                cover,
            };
            let windows = round_windows(&source, look.device, &look.observers, &wanted)?;
            let mut tables = tables(&windows, &look.observers, representation);
            let start_ns = round.span.settled_ns().or(round.start_ns);
            tables.iter_mut().for_each(|table| table.fill_silence(start_ns));
            let bins = windows.observers.into_iter().map(|seen| seen.bins.unwrap_or_default()).collect();
            Ok(UsedRound { tables, bins, source: Some(source), ..round.clone() })
        })?;
        Ok(Some(self.with_rounds(rounds)))
    }

    /// Where the packets of the rounds that were used come from, behind a stack of defences.
    pub fn sources_behind(&self, stack: &Stack) -> Vec<RoundSource> {
        self.rounds.iter().filter_map(|round| round.behind(stack)).collect()
    }

    /// The windows of some conditions' rounds as one observer sees them, in the first grouping, as one labelled table.
    ///
    /// # Errors
    /// As [`Gathered::task`].
    pub fn windows_of(&self, conditions: &[String], observer: usize) -> Result<Dataset, Error> {
        let task = self.task(conditions, observer, 0)?;
        // a task without a table is none
        Ok(task.tables.into_iter().next().map(|table| table.data).expect("a windowing"))
    }

    /// Whether another reading of the same rounds gave the same windows.
    pub fn is_as_seen(&self, other: &Gathered) -> bool {
        let is_same = |(own, other): (&RoundTable, &RoundTable)| own.columns == other.columns;
        self.rounds
            .iter()
            .zip(&other.rounds)
            .all(|(own, other)| own.tables.iter().zip(&other.tables).all(is_same) && own.bins == other.bins)
    }

    /// The same with the rounds of some units alone.
    pub fn of_units(&self, units: &BTreeSet<u32>) -> Gathered {
        self.with_rounds(self.rounds.iter().filter(|round| units.contains(&round.unit)).cloned().collect())
    }

    /// The units of the rounds that were used, rising.
    pub fn units(&self) -> BTreeSet<u32> {
        self.rounds.iter().map(|round| round.unit).collect()
    }

    /// Seconds that the rounds used were recorded, settling times included, all together.
    pub fn recorded_s(&self) -> f64 {
        let of = |round: &UsedRound| round.source.as_ref().and_then(|source| source.duration_s);
        self.rounds.iter().map(|round| of(round).unwrap_or(round.seconds)).sum()
    }

    fn with_rounds(&self, rounds: Vec<UsedRound>) -> Gathered {
        Gathered {
            device: self.device.clone(),
            generated: self.generated.clone(),
            conditions: self.conditions.clone(),
            positive: self.positive.clone(),
            observers: self.observers.clone(),
            windowings: self.windowings.clone(),
            schedule: self.schedule.clone(),
            caveats: self.caveats.clone(),
            look: self.look.clone(),
            rounds,
            horizons: self.horizons.clone(),
            plan: self.plan.clone(),
        }
    }
}

impl UsedRound {
    fn behind(&self, stack: &Stack) -> Option<RoundSource> {
        Some(RoundSource { defended: Some(stack.clone()), ..self.source.clone()? })
    }
}
