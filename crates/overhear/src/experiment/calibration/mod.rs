//! The tool checked against known truth: how often the audit is wrong, how much it finds, what its intervals hold.
//!
//! Source: METHOD.md section 4, "The tool checks itself". Campaigns are drawn as feature tables with the statistics of
//! the generator's own windows (`statistics`, `draw`), some go through packets, and channels with a closed form
//! (`channel`) show the bias of each leakage estimate. Everything is measured by the code that audits.

mod channel;
mod draw;
pub mod result;
mod statistics;

pub use crate::experiment::audit::result::Bounds;
pub use result::CalibrationResult;

use crate::Error;
use crate::assemble::{RoundSource, rounds_generated};
use crate::experiment::audit::{
    self, Gathered, GivenRound, LEAK_ABOVE, LEVEL, Measured, Plan, Task, gather_table, on_last_fold,
};
use crate::experiment::interval::mean_and_std;
use crate::progress::{Progress, Silent};
use crate::table::Labelled;
use audit::result::{Estimate, Leakage, Statistic};
use channel::Channel;
use overhear_learn::{Dataset, Matrix};
use overhear_traffic::observer::Observer;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use result::{Cell, ChannelCell, Check, Coverage, MeasureBias, PaperCell, Share};
use statistics::{Statistics, WINDOWING};

/// How the self-check is run.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// Campaigns in each cell that is drawn as tables.
    pub campaigns: usize,
    /// Campaigns that go through packets.
    pub packet_campaigns: usize,
    /// Random assignments of each test.
    pub permutations: usize,
    /// Seed.
    pub seed: u64,
}

impl Settings {
    /// 400 campaigns a cell, 30 through packets, 199 assignments.
    pub fn default_of(seed: u64) -> Settings {
        Settings { campaigns: 400, packet_campaigns: 30, permutations: 199, seed }
    }
}

/// Effects and sizes that are looked at.
const EFFECTS: [f64; 3] = [0.0, 0.3, 0.6];
const PAIRS: [u32; 3] = [12, 24, 48];
/// Pairs where only one size is looked at.
const USUAL_PAIRS: u32 = 24;
/// A false positive is a p of at most this.
const REJECTED_AT: f64 = 0.05;
/// What the interval claims, and how far from it is allowed beyond two standard errors.
const CONFIDENCE: f64 = 0.95;
const CONFIDENCE_MARGIN: f64 = 0.02;
/// Folds of the paper's protocol.
const PAPER_FOLDS: usize = 10;
/// Assignments behind the chance level of mutual information, where no test is made.
const CHANNEL_PERMUTATIONS: usize = 19;

/// Runs the self-check; campaigns spread over threads.
///
/// # Errors
/// [`Error::Learn`], [`Error::Settings`], [`Error::Stopped`].
pub fn run(settings: &Settings, progress: &dyn Progress) -> Result<CalibrationResult, Error> {
    let bench = Bench { statistics: Statistics::measure(settings.seed)?, settings, progress };
    let mut cells = Vec::new();
    for effect in EFFECTS {
        for pairs in PAIRS {
            cells.push(bench.crossover(effect, pairs)?);
        }
    }
    if settings.packet_campaigns > 0 {
        cells.push(bench.packets()?);
    }
    let paper = bench.paper()?;
    let channels = channels().into_iter().enumerate().map(|(i, channel)| bench.channel(i, &channel));
    let channels = channels.collect::<Result<Vec<_>, Error>>()?;
    Ok(CalibrationResult {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        seed: settings.seed,
        campaigns: settings.campaigns,
        permutations: settings.permutations,
        learners: LEARNERS.map(str::to_owned).to_vec(),
        windowing: WINDOWING.to_string(),
        windows: draw::WINDOWS,
        disturbance: draw::DISTURBANCE,
        checks: checks(&cells, &paper, &channels),
        cells,
        paper,
        channels,
    })
}

/// The quick learners of the default set.
const LEARNERS: [&str; 2] = ["knn", "decision_tree"];

fn channels() -> Vec<Channel> {
    vec![
        Channel::Gaussian(0.0),
        Channel::Gaussian(1.0),
        Channel::Gaussian(2.0),
        Channel::symmetric(2, 0.3),
        Channel::symmetric(2, 0.1),
        Channel::symmetric(3, 0.4),
    ]
}

/// What every cell needs.
struct Bench<'a> {
    statistics: Statistics,
    settings: &'a Settings,
    progress: &'a dyn Progress,
}

/// What one campaign gave.
struct Outcome {
    p: f64,
    leak: bool,
    /// By horizon: its name, the estimate, what new units gave.
    horizons: Vec<(String, Estimate, f64)>,
}

impl Bench<'_> {
    /// Campaigns of a cell, each with its own stream of random numbers and a seed for the audit.
    fn each<T: Send>(
        &self,
        stage: &str,
        campaigns: usize,
        run: impl Fn(&mut ChaCha8Rng, u64) -> Result<T, Error> + Sync,
    ) -> Result<Vec<T>, Error> {
        self.progress.begin(stage, campaigns as u64);
        let one = |number: usize| {
            if self.progress.stop_requested() {
                return Err(Error::Stopped);
            }
            let mut rng = ChaCha8Rng::from_seed(seed_of(self.settings.seed, stage));
            rng.set_stream(number as u64);
            let found = run(&mut rng, self.settings.seed.wrapping_add(number as u64))?;
            self.progress.advance(1);
            Ok(found)
        };
        (0..campaigns).into_par_iter().map(one).collect()
    }

    fn audit(&self, seed: u64, permutations: usize) -> Result<audit::Settings, Error> {
        let learners = LEARNERS.map(overhear_learn::learner::find).into_iter().collect::<Result<_, _>>()?;
        Ok(audit::Settings { learners, permutations, beside: false, ..audit::Settings::default_of(seed)? })
    }

    fn crossover(&self, effect: f64, pairs: u32) -> Result<Cell, Error> {
        let stage = format!("{pairs} pairs, effect {effect}");
        let outcomes = self.each(&stage, self.settings.campaigns, |rng, seed| {
            let [audited, all] = draw::crossover(&self.statistics, pairs, effect, rng)?;
            let task = only_task(&gather_table(&audited, "drawn")?)?;
            let settings = self.audit(seed, self.settings.permutations)?;
            let measured = Measured::of(&task, &settings, "", &Silent)?;
            let all = only_task(&gather_table(&all, "drawn")?)?;
            let mut folds = task.folds(4, seed);
            folds.resize(all.n_units, 4);
            let new = on_last_fold(&all, &measured.combinations, &folds, seed)?;
            Ok(outcome(&measured, &new))
        })?;
        Ok(cell("tables", effect, pairs, &outcomes))
    }

    /// No effect, generated packet by packet. The truth is known without new units: nothing can be told.
    fn packets(&self) -> Result<Cell, Error> {
        let stage = format!("{USUAL_PAIRS} pairs through packets");
        let outcomes = self.each(&stage, self.settings.packet_campaigns, |rng, seed| {
            let synth = draw::settings(USUAL_PAIRS, rand::Rng::random(rng));
            let given = |source: RoundSource| GivenRound { source, duration_s: None, left_out: None };
            let given = rounds_generated(&synth)?.into_iter().map(given).collect();
            let plan = Plan {
                name: crate::generate::DEVICE_NAME,
                device: crate::generate::device(),
                observers: &[Observer::Gateway],
                windowings: &[WINDOWING],
                generated: Some(crate::generate::knobs(&synth).in_words()),
            };
            let task = only_task(&audit::gather(given, &plan, &Silent)?)?;
            let settings = self.audit(seed, self.settings.permutations)?;
            let measured = Measured::of(&task, &settings, "", &Silent)?;
            let new = vec![0.5; task.horizons.len()];
            Ok(outcome(&measured, &new))
        })?;
        Ok(cell("packets", 0.0, USUAL_PAIRS, &outcomes))
    }

    /// The paper's protocol: random folds over windows, and the test that goes with it, which shuffles windows.
    fn paper(&self) -> Result<PaperCell, Error> {
        let found = self.each("the paper's protocol", self.settings.campaigns, |rng, seed| {
            let mut table = draw::one_capture_each(&self.statistics, USUAL_PAIRS, rng)?;
            // each window is taken for a unit of its own: this is what the protocol does wrong
            table.data.units = None;
            let task = only_task(&gather_table(&table, "drawn")?)?;
            let settings = self.audit(seed, self.settings.permutations)?;
            let settings = audit::Settings { folds: PAPER_FOLDS, repetitions: 0, ..settings };
            let measured = Measured::of(&task, &settings, "", &Silent)?;
            Ok((measured.p(), measured.statistics(&task)))
        })?;
        let rejected = found.iter().filter(|(p, _)| *p <= REJECTED_AT).count();
        let mean = |name: &str| {
            let of = |(_, all): &(f64, Vec<Statistic>)| {
                all.iter().find(|s| s.learner == name).map(|s| s.balanced_accuracy)
            };
            mean_and_std(&found.iter().filter_map(of).collect::<Vec<f64>>()).0
        };
        Ok(PaperCell {
            campaigns: found.len(),
            rejected: Share::of(rejected, found.len(), Some(REJECTED_AT)),
            balanced_accuracy: LEARNERS.map(|name| (name.to_owned(), mean(name))).to_vec(),
        })
    }

    fn channel(&self, index: usize, channel: &Channel) -> Result<ChannelCell, Error> {
        let stage = format!("channel {}: {}", index + 1, channel.name());
        let found: Vec<Vec<Leakage>> = self.each(&stage, self.settings.campaigns, |rng, seed| {
            let task = only_task(&gather_table(&sampled(channel, rng)?, "drawn")?)?;
            let settings = self.audit(seed, CHANNEL_PERMUTATIONS)?;
            let measured = Measured::of(&task, &settings, "", &Silent)?;
            Ok(measured.horizons.into_iter().next().map(|window| window.leakage).unwrap_or_default())
        })?;
        let names: Vec<&Leakage> = found.first().map(|first| first.iter().collect()).unwrap_or_default();
        let measures = names.iter().filter_map(|leakage| {
            let truth = channel.truth(&leakage.measure)?;
            let of = found.iter().filter_map(|all| all.iter().find(|l| l.measure == leakage.measure));
            Some(bias(leakage, truth, &of.map(|l| l.estimate).collect::<Vec<Estimate>>()))
        });
        Ok(ChannelCell { channel: channel.name(), campaigns: found.len(), measures: measures.collect() })
    }
}

/// A seed of 32 bytes from a number and a stage's name.
fn seed_of(seed: u64, stage: &str) -> [u8; 32] {
    use sha2::{Digest, Sha256};
    Sha256::new().chain_update(seed.to_le_bytes()).chain_update(stage).finalize().into()
}

/// The one task of two conditions, or of all where there are more.
fn only_task(gathered: &Gathered) -> Result<Task, Error> {
    gathered.task(&gathered.conditions, 0)
}

fn outcome(measured: &Measured, new: &[f64]) -> Outcome {
    let p = measured.p();
    let above = measured.horizons.iter().any(|h| h.balanced_accuracy.low > LEAK_ABOVE);
    let horizons = measured.horizons.iter().zip(new);
    Outcome {
        p,
        leak: p <= LEVEL && above,
        horizons: horizons.map(|(h, &new)| (h.horizon.clone(), h.balanced_accuracy, new)).collect(),
    }
}

fn cell(source: &str, effect: f64, pairs: u32, outcomes: &[Outcome]) -> Cell {
    let n = outcomes.len();
    let rejected = outcomes.iter().filter(|o| o.p <= REJECTED_AT).count();
    let leaks = outcomes.iter().filter(|o| o.leak).count();
    let names: Vec<&String> =
        outcomes.first().map(|o| o.horizons.iter().map(|(name, ..)| name).collect()).unwrap_or_default();
    let coverage = |at: usize| {
        let of = |part: fn(&(String, Estimate, f64)) -> f64| {
            mean_and_std(&outcomes.iter().map(|o| part(&o.horizons[at])).collect::<Vec<f64>>()).0
        };
        // without an effect the truth is known: nothing can be told
        let truth = if effect == 0.0 { 0.5 } else { of(|h| h.2) };
        let holds = |o: &&Outcome| (o.horizons[at].1.low..=o.horizons[at].1.high).contains(&truth);
        Coverage {
            horizon: names[at].clone(),
            truth,
            estimate: of(|h| h.1.value),
            width: of(|h| h.1.high - h.1.low),
            coverage: Share::of(outcomes.iter().filter(holds).count(), n, Some(CONFIDENCE)),
        }
    };
    // rounds are shorter than five minutes: that horizon is the round
    let told = (0..names.len()).filter(|&at| names[at] != "5m");
    Cell {
        source: source.to_owned(),
        effect,
        pairs,
        campaigns: n,
        rejected: Share::of(rejected, n, (effect == 0.0).then_some(REJECTED_AT)),
        leaks: Share::of(leaks, n, None),
        horizons: told.map(coverage).collect(),
    }
}

/// A channel's numbers as the windows of pairs of rounds.
fn sampled(channel: &Channel, rng: &mut ChaCha8Rng) -> Result<Labelled, Error> {
    let k = channel.n_conditions();
    let per_unit = k * draw::WINDOWS as usize;
    let n = USUAL_PAIRS as usize * per_unit;
    let y: Vec<u32> = (0..n).map(|row| (row % k) as u32).collect();
    let x: Vec<f64> = y.iter().map(|&condition| channel.draw(condition as usize, rng)).collect();
    let data = Dataset {
        features: vec!["number".to_owned()],
        x: Matrix::from_columns(&[x])?,
        y,
        classes: (0..k).map(|condition| format!("condition {condition}")).collect(),
        units: Some((0..n).map(|row| (row / per_unit) as u32).collect()),
        starts_ns: None,
    };
    Ok(Labelled { data, folds: None, warnings: Vec::new() })
}

fn bias(leakage: &Leakage, truth: f64, estimates: &[Estimate]) -> MeasureBias {
    let (mean, std) = mean_and_std(&estimates.iter().map(|e| e.value).collect::<Vec<f64>>());
    let rounding = 1e-9;
    let wrong = |e: &&Estimate| match leakage.bounds {
        Bounds::Below => e.low > truth + rounding,
        Bounds::Above => e.high < truth - rounding,
    };
    let n = estimates.len();
    MeasureBias {
        measure: leakage.measure.clone(),
        unit: leakage.unit.clone(),
        bounds: leakage.bounds,
        truth,
        estimate: mean,
        bias: mean - truth,
        standard_error: std / (n.max(1) as f64).sqrt(),
        wrong_side: Share::of(estimates.iter().filter(wrong).count(), n, Some((1.0 - CONFIDENCE) / 2.0)),
    }
}

/// Everything that has to hold.
fn checks(cells: &[Cell], paper: &PaperCell, channels: &[ChannelCell]) -> Vec<Check> {
    let mut checks = Vec::new();
    for cell in cells {
        let (pairs, source, effect) = (cell.pairs, &cell.source, cell.effect);
        if effect == 0.0 {
            let what = format!("false positives, {pairs} pairs, {source}");
            let highest = REJECTED_AT + 2.0 * cell.rejected.standard_error;
            checks.push(Check::within(what, cell.rejected.value, 0.0, highest));
        }
        for at in &cell.horizons {
            let what = format!("coverage, {pairs} pairs, {source}, effect {effect}, {}", at.horizon);
            let margin = CONFIDENCE_MARGIN + 2.0 * at.coverage.standard_error;
            let highest = (CONFIDENCE + margin).min(1.0);
            checks.push(Check::within(what, at.coverage.value, CONFIDENCE - margin, highest));
        }
    }
    let lowest = REJECTED_AT + 2.0 * paper.rejected.standard_error;
    checks.push(Check::within("the paper's protocol fails".to_owned(), paper.rejected.value, lowest, 1.0));
    for cell in channels {
        for measure in &cell.measures {
            let what = format!("{} on its side, {}", measure.measure, cell.channel);
            let highest = (1.0 - CONFIDENCE) / 2.0 + 2.0 * measure.wrong_side.standard_error;
            checks.push(Check::within(what, measure.wrong_side.value, 0.0, highest));
        }
    }
    checks
}
