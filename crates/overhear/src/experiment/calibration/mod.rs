//! The tool checked against known truth: how often the audit is wrong, how much it finds, what its intervals hold.
//!
//! Source: docs/method.md, "Self-check". Campaigns are drawn as feature tables with the statistics of
//! the generator's own windows (`statistics`, `draw`), some go through packets, and channels with a closed form
//! (`channel`) show the bias of each leakage estimate. Everything is measured by the code that audits.

mod channel;
mod check;
mod compared;
mod draw;
mod joint;
mod laws;
mod plants;
pub mod result;
mod statistics;

pub use crate::experiment::audit::result::Bounds;
pub use result::CalibrationResult;

use crate::Error;
use crate::assemble::{RoundSource, rounds_generated};
use crate::engine::Engine;
use crate::experiment::audit::result::Order;
use crate::experiment::audit::view::{Horizon, Representation};
use crate::experiment::audit::{
    self, Attackers, Gathered, GivenRound, LEAK_ABOVE, LEVEL, Measured, Plan, Task, gather_table,
    on_last_fold,
};
use crate::experiment::interval::mean_and_std;
use crate::table::Labelled;
use audit::result::{Estimate, Leakage, Statistic};
use channel::Channel;
use draw::Days;
use overhear_learn::learner::Configured;
use overhear_learn::{Dataset, Matrix};
use overhear_traffic::feature::FeatureSet;
use overhear_traffic::observer::Observer;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use result::{Cell, ChannelCell, Coverage, MeasureBias, PaperCell, Share};
use statistics::{Statistics, WINDOWING};

/// Makes the list of parts: the enumeration, its order, and each one's permanent name.
macro_rules! parts {
    ($($(#[$about:meta])* $part:ident = $name:literal,)*) => {
        /// A part of the self-check.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Part {
            $($(#[$about])* $part,)*
        }

        impl Part {
            /// All, in the order in which they run.
            pub const ALL: [Part; [$($name,)*].len()] = [$(Part::$part,)*];

            /// Permanent name.
            pub fn name(self) -> &'static str {
                match self {
                    $(Part::$part => $name,)*
                }
            }
        }
    };
}

parts! {
    /// False positives, power and intervals, campaigns drawn as tables.
    Tables = "tables",
    /// The same through packets, without an effect.
    Packets = "packets",
    /// Two campaigns compared.
    Compared = "compared",
    /// Several tasks and observers.
    Joint = "joint",
    /// Laws under which the best possible attacker is known.
    Laws = "laws",
    /// Planted leaks.
    Plants = "plants",
    /// The paper's protocol.
    Paper = "paper",
    /// Leakage estimates against channels in closed form.
    Channels = "channels",
}

impl std::str::FromStr for Part {
    type Err = String;

    fn from_str(name: &str) -> Result<Part, String> {
        let known = || Part::ALL.map(Part::name).join(", ");
        let found = Part::ALL.into_iter().find(|part| part.name() == name);
        found.ok_or_else(|| format!("no part is called {name:?}; there are: {}", known()))
    }
}

/// How the self-check is run.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Which parts run.
    pub parts: Vec<Part>,
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
        Settings { parts: Part::ALL.to_vec(), campaigns: 400, packet_campaigns: 30, permutations: 199, seed }
    }
}

/// Effects and sizes that are looked at.
const EFFECTS: [f64; 3] = [0.0, 0.3, 0.6];
const PAIRS: [u32; 3] = [12, 24, 48];
/// Pairs where only one size is looked at.
const USUAL_PAIRS: u32 = 24;
/// Captures of each condition where they are not paired.
const CAPTURES: u32 = 10;
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
pub fn run(settings: &Settings, engine: &Engine<'_>) -> Result<CalibrationResult, Error> {
    let bench = Bench { statistics: Statistics::measure(settings.seed)?, settings, engine };
    let runs = |part: Part| settings.parts.contains(&part);
    let mut cells = Vec::new();
    if runs(Part::Tables) {
        for effect in EFFECTS {
            for pairs in PAIRS {
                cells.push(bench.crossover(effect, pairs)?);
            }
        }
        for effect in [0.0, 0.6] {
            cells.push(bench.captures(effect, CAPTURES)?);
        }
    }
    if runs(Part::Packets) && settings.packet_campaigns > 0 {
        cells.push(bench.packets()?);
    }
    let mut compared = Vec::new();
    if runs(Part::Compared) {
        compared.push(bench.compared(Days::Own, "days of their own")?);
        compared.push(bench.compared(Days::Shared, "days in common")?);
        compared.push(bench.compared(Days::Opposite, "opposite days")?);
    }
    let joint = runs(Part::Joint).then(|| bench.joint()).transpose()?;
    let mut laws = Vec::new();
    if runs(Part::Laws) {
        laws = laws::Law::ALL.map(|law| bench.law(law)).into_iter().collect::<Result<_, Error>>()?;
    }
    let mut plants = Vec::new();
    if runs(Part::Plants) && settings.packet_campaigns > 0 {
        let planted = std::iter::once(None).chain(plants::all()?.into_iter().map(Some));
        plants = planted.map(|plant| bench.plant(plant)).collect::<Result<_, Error>>()?;
    }
    let paper = runs(Part::Paper).then(|| bench.paper()).transpose()?;
    let mut of_channels = Vec::new();
    if runs(Part::Channels) {
        let all = channels().into_iter().enumerate().map(|(i, channel)| bench.channel(i, &channel));
        of_channels = all.collect::<Result<_, Error>>()?;
    }
    let channels = of_channels;
    Ok(CalibrationResult {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        seed: settings.seed,
        campaigns: settings.campaigns,
        permutations: settings.permutations,
        learners: LEARNERS.map(str::to_owned).to_vec(),
        windowing: WINDOWING.to_string(),
        windows: draw::WINDOWS,
        disturbance: draw::DISTURBANCE,
        checks: check::checks(&cells, &compared, joint.as_ref(), &laws, &plants, paper.as_ref(), &channels),
        cells,
        compared,
        joint,
        laws,
        plants,
        paper,
        channels,
    })
}

/// The quick learners of the default set.
const LEARNERS: [&str; 3] = ["knn", "decision_tree", "ridge"];

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
    engine: &'a Engine<'a>,
}

/// What one campaign gave.
struct Outcome {
    p: f64,
    leak: bool,
    /// By horizon: the estimate, what is quoted, what new units gave.
    horizons: Vec<(Horizon, [Estimate; 2], f64)>,
}

impl Bench<'_> {
    /// Campaigns of a cell, each with its own stream of random numbers and a seed for the audit.
    fn each<T: Send>(
        &self,
        stage: &str,
        campaigns: usize,
        run: impl Fn(&mut ChaCha8Rng, u64) -> Result<T, Error> + Sync,
    ) -> Result<Vec<T>, Error> {
        self.engine.stage(stage, campaigns as u64);
        let numbers: Vec<usize> = (0..campaigns).collect();
        self.engine.each(&numbers, |&number| {
            let mut rng = ChaCha8Rng::from_seed(seed_of(self.settings.seed, stage));
            rng.set_stream(number as u64);
            run(&mut rng, self.settings.seed.wrapping_add(number as u64))
        })
    }

    fn audit(&self, seed: u64, permutations: usize) -> Result<audit::Settings, Error> {
        let learners =
            LEARNERS.map(|name| Configured::new(name, &[])).into_iter().collect::<Result<_, _>>()?;
        let usual = audit::Settings::default_of(seed)?;
        Ok(audit::Settings {
            attackers: Attackers::of(learners)?,
            permutations,
            controls: false,
            background: false,
            ..usual
        })
    }

    fn crossover(&self, effect: f64, pairs: u32) -> Result<Cell, Error> {
        let stage = format!("{pairs} pairs, effect {effect}");
        let outcomes = self.each(&stage, self.settings.campaigns, |rng, seed| {
            let [audited, all] = draw::crossover(&self.statistics, pairs, effect, rng)?;
            self.audited_and_new(&audited, &all, seed)
        })?;
        Ok(cell("tables", "pairs", effect, pairs, &outcomes))
    }

    /// Whole captures without pairs.
    fn captures(&self, effect: f64, of_each: u32) -> Result<Cell, Error> {
        let stage = format!("{of_each} + {of_each} captures, effect {effect}");
        let outcomes = self.each(&stage, self.settings.campaigns, |rng, seed| {
            let [audited, all] = draw::captures(&self.statistics, of_each, effect, rng)?;
            self.audited_and_new(&audited, &all, seed)
        })?;
        Ok(cell("tables", "captures", effect, of_each, &outcomes))
    }

    /// Audits a campaign; what it estimates is found on the units behind it in `all`.
    fn audited_and_new(&self, audited: &Labelled, all: &Labelled, seed: u64) -> Result<Outcome, Error> {
        let task = only_task(&gather_table(audited, "drawn")?)?;
        let settings = self.audit(seed, self.settings.permutations)?;
        let measured = Measured::of(&task, &settings, "", &Engine::silent())?;
        let all = only_task(&gather_table(all, "drawn")?)?;
        let mut folds = task.folds(4, seed);
        folds.resize(all.n_units, 4);
        let new = on_last_fold(&all, &measured.combinations, &folds, seed)?;
        Ok(outcome(&task, &measured, &new))
    }

    /// No effect, generated packet by packet. The truth is known without new units: nothing can be distinguished.
    fn packets(&self) -> Result<Cell, Error> {
        let stage = format!("{USUAL_PAIRS} pairs through packets");
        let outcomes = self.each(&stage, self.settings.packet_campaigns, |rng, seed| {
            let synth = draw::settings(USUAL_PAIRS, rand::Rng::random(rng));
            let given = |source: RoundSource| GivenRound { source, facts: Vec::new() };
            let given = rounds_generated(&synth)?.into_iter().map(given).collect();
            let plan = Plan {
                name: crate::generate::DEVICE_NAME,
                device: crate::generate::device(),
                observers: &[Observer::Gateway],
                representation: &Representation::of_windows(&[WINDOWING], FeatureSet::FULL),
                generated: Some(crate::generate::knobs(&synth).in_words()),
                order: None,
            };
            let task = only_task(&audit::gather(given, &plan, &Engine::silent())?)?;
            let settings = self.audit(seed, self.settings.permutations)?;
            let measured = Measured::of(&task, &settings, "", &Engine::silent())?;
            let new = vec![0.5; task.horizons.len()];
            Ok(outcome(&task, &measured, &new))
        })?;
        Ok(cell("packets", "pairs", 0.0, USUAL_PAIRS, &outcomes))
    }

    /// The paper's protocol: random folds over windows, and the test that goes with it, which shuffles windows.
    fn paper(&self) -> Result<PaperCell, Error> {
        let found = self.each("the paper's protocol", self.settings.campaigns, |rng, seed| {
            let mut table = draw::one_capture_each(&self.statistics, USUAL_PAIRS, rng)?;
            // each window is taken for a unit of its own: this is what the protocol does wrong
            table.data.units = None;
            // and it has never heard of days
            table.data.starts_ns = None;
            let task = only_task(&gather_table(&table, "drawn")?)?;
            let settings = self.audit(seed, self.settings.permutations)?;
            let settings = audit::Settings { folds: PAPER_FOLDS, repetitions: 0, ..settings };
            let measured = Measured::of(&task, &settings, "", &Engine::silent())?;
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
            let measured = Measured::of(&task, &settings, "", &Engine::silent())?;
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
    gathered.task(&gathered.conditions, 0, 1)
}

fn outcome(task: &Task, measured: &Measured, new: &[f64]) -> Outcome {
    let p = measured.p();
    let above = measured.horizons.iter().any(|h| h.quoted.low > LEAK_ABOVE);
    let with_time = matches!(task.order, Order::WithTime { .. });
    let horizons = measured.horizons.iter().zip(new);
    Outcome {
        p,
        leak: p <= LEVEL && above && !with_time,
        horizons: horizons.map(|(h, &new)| (h.horizon, [h.balanced_accuracy, h.quoted], new)).collect(),
    }
}

fn cell(source: &str, design: &str, effect: f64, pairs: u32, outcomes: &[Outcome]) -> Cell {
    let n = outcomes.len();
    let rejected_at = |level: f64| outcomes.iter().filter(|o| o.p <= level).count();
    let leaks = outcomes.iter().filter(|o| o.leak).count();
    let kinds: Vec<Horizon> =
        outcomes.first().map(|o| o.horizons.iter().map(|(kind, ..)| *kind).collect()).unwrap_or_default();
    let truth = |at: usize| match effect {
        // without an effect the truth is known: nothing can be distinguished
        0.0 => 0.5,
        _ => mean_and_std(&outcomes.iter().map(|o| o.horizons[at].2).collect::<Vec<f64>>()).0,
    };
    let holds = |e: &Estimate, truth: f64| (e.low..=e.high).contains(&truth);
    let coverage = |at: usize| {
        let of = |part: fn(&Estimate) -> f64| {
            mean_and_std(&outcomes.iter().map(|o| part(&o.horizons[at].1[0])).collect::<Vec<f64>>()).0
        };
        let truth = truth(at);
        let held = outcomes.iter().filter(|o| holds(&o.horizons[at].1[0], truth)).count();
        Coverage {
            horizon: kinds[at],
            truth,
            estimate: of(|e| e.value),
            width: of(|e| e.high - e.low),
            coverage: Share::of(held, n, Some(CONFIDENCE)),
        }
    };
    // rounds are shorter than five minutes: that horizon is the round
    let shown: Vec<usize> = (0..kinds.len()).filter(|&at| kinds[at] != Horizon::Minutes(5)).collect();
    let quoted = |o: &&Outcome| shown.iter().all(|&at| holds(&o.horizons[at].1[1], truth(at)));
    // the one that a headline would speak of
    let clearest = |o: &&Outcome| {
        let most = shown.iter().max_by(|&&a, &&b| o.horizons[a].1[1].low.total_cmp(&o.horizons[b].1[1].low));
        most.is_none_or(|&at| holds(&o.horizons[at].1[1], truth(at)))
    };
    let null = effect == 0.0;
    Cell {
        source: source.to_owned(),
        design: design.to_owned(),
        effect,
        pairs,
        campaigns: n,
        rejected: Share::of(rejected_at(REJECTED_AT), n, null.then_some(REJECTED_AT)),
        rejected_at_half: Share::of(rejected_at(0.5), n, null.then_some(0.5)),
        leaks: Share::of(leaks, n, None),
        together: Share::of(outcomes.iter().filter(quoted).count(), n, Some(CONFIDENCE)),
        quoted: Share::of(outcomes.iter().filter(clearest).count(), n, Some(CONFIDENCE)),
        horizons: shown.iter().map(|&at| coverage(at)).collect(),
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
