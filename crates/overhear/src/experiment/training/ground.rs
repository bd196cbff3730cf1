//! What both sweeps stand on: a table of windows, its folds of units, and what attackers reach on units they never saw.

use super::Settings;
use super::result::{CHOSEN, Choice, Scored};
use crate::Error;
use crate::engine::Engine;
use crate::experiment::audit::fit::{Fit, Tables};
use crate::experiment::audit::result::Estimate;
use crate::experiment::audit::view::Base;
use crate::experiment::audit::{Table, Task};
use crate::experiment::interval;
use overhear_learn::inference::student_quantile;
use overhear_learn::learner::most_likely;
use overhear_traffic::window::Windowing;
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

/// One task's windows, dealt to folds of units.
pub struct Ground<'a> {
    pub task: &'a Task,
    pub table: &'a Table,
    pub settings: &'a Settings,
    pub engine: &'a Engine<'a>,
    /// What progress calls it.
    pub label: String,
    /// Folds.
    pub n_folds: usize,
    /// The fold of each unit (n_units).
    fold_of_unit: Vec<u32>,
    /// The rows of each round (n_rounds).
    pub rows_of_round: Vec<Vec<u32>>,
    /// Learner chosen on clean training units, by fold.
    choice: Vec<usize>,
}

impl<'a> Ground<'a> {
    /// Deals units to folds and chooses a learner for each fold on its clean training units.
    ///
    /// # Errors
    /// [`Error::FewUnits`], [`Error::Learn`], [`Error::Stopped`].
    pub fn new(
        task: &'a Task,
        table: &'a Table,
        settings: &'a Settings,
        engine: &'a Engine<'a>,
    ) -> Result<Ground<'a>, Error> {
        let units = task.units_per_condition();
        if units < FEWEST_UNITS {
            let task = task.conditions.join("/");
            return Err(Error::FewUnits { task, units, needed: FEWEST_UNITS });
        }
        let n_folds = settings.folds.get().clamp(2, units);
        let mut rows_of_round = vec![Vec::new(); task.rounds.len()];
        (0..).zip(&table.round).for_each(|(row, &round)| rows_of_round[round as usize].push(row));
        let mut ground = Ground {
            task,
            table,
            settings,
            engine,
            label: task.conditions.join("/"),
            n_folds,
            fold_of_unit: folds(task, n_folds, settings.seed),
            rows_of_round,
            choice: vec![0; n_folds],
        };
        if settings.learners.len() > 1 {
            ground.choice = ground.choose()?;
        }
        Ok(ground)
    }

    /// The unit of a round.
    pub fn unit(&self, round: usize) -> usize {
        self.task.design.units[round] as usize
    }

    /// The class of a round.
    pub fn class(&self, round: usize) -> u32 {
        self.task.design.classes[round]
    }

    /// The fold of a round.
    pub fn fold(&self, round: usize) -> usize {
        self.fold_of_unit[self.unit(round)] as usize
    }

    /// Rows that some folds leave to train on.
    pub fn without(&self, folds: &[usize]) -> Vec<u32> {
        self.table.rows(|round| !folds.contains(&self.fold(round)))
    }

    /// Rows of a fold.
    pub fn tested(&self, fold: usize) -> Vec<u32> {
        self.table.rows(|round| self.fold(round) == fold)
    }

    /// For each fold the learner that does best over one window on its training units, each of its other folds left out in turn; the first
    /// of equals. Nothing poisoned is seen here, and no test unit.
    fn choose(&self) -> Result<Vec<usize>, Error> {
        let pairs = (0..self.n_folds).flat_map(|i| (i + 1..self.n_folds).map(move |j| (i, j)));
        let n_learners = self.settings.learners.len();
        let jobs: Vec<(usize, usize, usize)> =
            pairs.flat_map(|(i, j)| (0..n_learners).map(move |learner| (i, j, learner))).collect();
        self.engine.stage(&format!("{}: choosing learners", self.label), jobs.len() as u64);
        let found = self.engine.each(&jobs, |&(i, j, learner)| {
            let test = self.table.rows(|round| [i, j].contains(&self.fold(round)));
            let learner = &self.settings.learners[learner];
            let fit = Fit::within(self.table, learner, self.without(&[i, j]), test, self.settings.seed);
            let values = fit.run(Tables::of(std::slice::from_ref(self.table)), &self.table.data.y)?;
            let mut reached = Reached::untested(self);
            reached.add(self, &fit.test.rows, &values);
            Ok(reached)
        })?;
        let mean_of = |fold: usize, learner: usize| {
            let own =
                jobs.iter().zip(&found).filter(|((i, j, l), _)| *l == learner && (*i == fold || *j == fold));
            let values: Vec<f64> = own
                .flat_map(|(_, reached)| reached.window.iter().enumerate())
                .filter(|(unit, value)| self.fold_of_unit[*unit] as usize != fold && value.is_finite())
                .map(|(_, value)| *value)
                .collect();
            values.iter().sum::<f64>() / values.len().max(1) as f64
        };
        let best = |fold: usize| {
            let means: Vec<f64> = (0..n_learners).map(|learner| mean_of(fold, learner)).collect();
            most_likely(&means) as usize
        };
        Ok((0..self.n_folds).map(best).collect())
    }

    /// How often each learner was chosen.
    pub fn choices(&self) -> Vec<Choice> {
        let count = |l: usize| self.choice.iter().filter(|&&chosen| chosen == l).count();
        let all = self.settings.learners.iter().enumerate();
        all.map(|(l, learner)| Choice { learner: learner.name(), folds: count(l) }).collect()
    }

    /// What each learner reached (n_learners), and behind them what the chosen ones did, by their names.
    pub fn with_chosen(&self, of_learner: &[Reached]) -> Vec<(String, Reached)> {
        let mut chosen = Reached::untested(self);
        for (unit, &fold) in self.fold_of_unit.iter().enumerate() {
            let own = &of_learner[self.choice[fold as usize]];
            (chosen.window[unit], chosen.round[unit]) = (own.window[unit], own.round[unit]);
        }
        let names = self.settings.learners.iter().map(overhear_learn::learner::Configured::name);
        let named = names.zip(of_learner.iter().cloned());
        named.chain([(CHOSEN.to_owned(), chosen)]).collect()
    }

    /// The mean over folds of what was measured of each learner in each fold (n_learners × n_folds), and behind them of the chosen ones.
    pub fn mean_with_chosen(&self, of_learner: &[Vec<f64>]) -> Vec<f64> {
        let mean = |values: &[f64]| values.iter().sum::<f64>() / self.n_folds as f64;
        let chosen: Vec<f64> = self.choice.iter().enumerate().map(|(fold, &l)| of_learner[l][fold]).collect();
        of_learner.iter().map(|values| mean(values)).chain([mean(&chosen)]).collect()
    }

    /// Bytes of each row (n_rows), where the features say them.
    pub fn bytes(&self) -> Option<Vec<f64>> {
        let data = &self.table.data;
        let column = |name: &str| {
            let place = data.features.iter().position(|feature| feature == name)?;
            Some(data.x.column(place).to_vec())
        };
        let product = |a: Vec<f64>, b: Vec<f64>| a.iter().zip(&b).map(|(a, b)| a * b).collect();
        if let Some((sent, received)) = column("out_bytes").zip(column("in_bytes")) {
            return Some(sent.iter().zip(&received).map(|(a, b)| a + b).collect());
        }
        let length = column("length_mean")?;
        match self.table.windowing.base {
            Base::Windowing(Windowing::Count(packets)) => {
                Some(length.iter().map(|length| length * f64::from(packets.get())).collect())
            }
            _ => column("n_packets").map(|packets| product(packets, length)),
        }
    }

    /// So many bytes during the task's rounds as MB a day; `None` where the time is not known.
    pub fn megabytes_per_day(&self, bytes: f64) -> Option<f64> {
        (self.task.seconds > 0.0).then(|| bytes / 1e6 * 86_400.0 / self.task.seconds)
    }
}

/// Fewest units of a condition: from fewer there is neither a choice inside the training side nor an interval worth the name.
pub const FEWEST_UNITS: usize = 4;

/// Deals units to folds at random; where a unit holds one condition each fold gets units of every condition.
fn folds(task: &Task, n_folds: usize, seed: u64) -> Vec<u32> {
    if task.design.is_paired() {
        return task.folds(n_folds, seed);
    }
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let class_of_unit = task.class_of_unit();
    let mut fold = vec![0; task.n_units];
    for class in 0..task.conditions.len() as u32 {
        let mut units: Vec<usize> = (0..task.n_units).filter(|&unit| class_of_unit[unit] == class).collect();
        units.shuffle(&mut rng);
        units.iter().enumerate().for_each(|(place, &unit)| fold[unit] = (place % n_folds) as u32);
    }
    fold
}

/// What an attacker reached on each unit: the mean over its rounds, which are of different conditions, of the share classified correctly (n_units;
/// NaN of a unit that was not tested).
#[derive(Debug, Clone)]
pub struct Reached {
    /// One window at a time.
    window: Vec<f64>,
    /// The round as a whole: log-likelihoods of its windows added up.
    round: Vec<f64>,
}

impl Reached {
    /// No unit is tested.
    pub fn untested(ground: &Ground<'_>) -> Reached {
        let none = vec![f64::NAN; ground.task.n_units];
        Reached { window: none.clone(), round: none }
    }

    /// Adds units: their rows in the measured table, with log-likelihoods (rows × n_classes).
    pub fn add(&mut self, ground: &Ground<'_>, rows: &[u32], values: &[f64]) {
        let n_classes = ground.task.conditions.len();
        let n_rounds = ground.task.rounds.len();
        let (mut right, mut all) = (vec![0.0; n_rounds], vec![0.0; n_rounds]);
        let mut sums = vec![vec![0.0; n_classes]; n_rounds];
        for (&row, values) in rows.iter().zip(values.chunks_exact(n_classes)) {
            let round = ground.table.round[row as usize] as usize;
            all[round] += 1.0;
            right[round] += f64::from(most_likely(values) == ground.class(round));
            sums[round].iter_mut().zip(values).for_each(|(sum, value)| *sum += value);
        }
        let mut of_unit = vec![(0.0, 0.0, 0.0); ground.task.n_units];
        for round in (0..n_rounds).filter(|&round| all[round] > 0.0) {
            let (windows, rounds, n) = &mut of_unit[ground.unit(round)];
            *windows += right[round] / all[round];
            *rounds += f64::from(most_likely(&sums[round]) == ground.class(round));
            *n += 1.0;
        }
        for (unit, (windows, rounds, n)) in of_unit.into_iter().enumerate().filter(|(_, found)| found.2 > 0.0)
        {
            (self.window[unit], self.round[unit]) = (windows / n, rounds / n);
        }
    }

    /// Scores at one window and at a whole round, against what the same attacker reaches without a defence.
    pub fn against(&self, clean: &Reached, ground: &Ground<'_>) -> (Scored, Scored) {
        let scored = |clean: &[f64], own: &[f64]| {
            let before = balanced_accuracy(ground, clean);
            let fallen: Vec<f64> = clean.iter().zip(own).map(|(clean, own)| clean - own).collect();
            let fall = mean(ground, &fallen);
            let worked = fall.low > 0.0 && fall.value > (before.high - before.low) / 2.0;
            Scored { balanced_accuracy: balanced_accuracy(ground, own), fall, worked }
        };
        (scored(&clean.window, &self.window), scored(&clean.round, &self.round))
    }
}

/// Mean of the units' values with its interval; units that all agree have none of their own, and what so many could hide is Wilson's.
fn balanced_accuracy(ground: &Ground<'_>, of_unit: &[f64]) -> Estimate {
    let mut estimate = mean(ground, of_unit);
    if estimate.high - estimate.low < 1e-9 {
        (estimate.low, estimate.high) = interval::accuracy(&[estimate.value], ground.task.n_units as u64);
    }
    Estimate { value: estimate.value, low: estimate.low.max(0.0), high: estimate.high.min(1.0) }
}

/// Mean over conditions of the mean over their units, with Student's interval; of pairs the mean over units.
pub fn mean(ground: &Ground<'_>, of_unit: &[f64]) -> Estimate {
    let units = || of_unit.iter().copied().enumerate().filter(|(_, value)| value.is_finite());
    let strata: Vec<Vec<f64>> = if ground.task.design.is_paired() {
        vec![units().map(|(_, value)| value).collect()]
    } else {
        let class_of_unit = ground.task.class_of_unit();
        let of = |class: u32| {
            units().filter(|(unit, _)| class_of_unit[*unit] == class).map(|(_, value)| value).collect()
        };
        (0..ground.task.conditions.len() as u32).map(of).collect()
    };
    let strata: Vec<Vec<f64>> = strata.into_iter().filter(|own| !own.is_empty()).collect();
    let found: Vec<(f64, f64)> = strata.iter().map(|own| interval::mean_and_std(own)).collect();
    let n = found.len().max(1) as f64;
    let value = found.iter().map(|(mean, _)| mean).sum::<f64>() / n;
    let variance: f64 = found.iter().zip(&strata).map(|((_, std), own)| std * std / own.len() as f64).sum();
    let degrees = strata.iter().map(|own| own.len() - 1).sum::<usize>();
    // one unit says nothing of how far others lie
    let reach = if degrees > 0 { student_quantile(0.975, degrees as f64) * variance.sqrt() / n } else { 1.0 };
    Estimate { value, low: value - reach, high: value + reach }
}
