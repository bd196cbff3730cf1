//! One stack of defences on the rounds of a campaign: what it costs, and what each attacker still reaches.

use super::attackers::{estimated, old, reached};
use super::measure::{PointCost, Reached};
use super::result::{Point, SeenPoint, Undefended};
use super::{Settings, attackers, is_seen};
use crate::Error;
use crate::assemble::{Stack, recognisers};
use crate::campaign::hex;
use crate::engine::Engine;
use crate::experiment::audit::view::{Look, Vantage};
use crate::experiment::audit::{self, Gathered, Measured, Task};
use crate::whole_file::WholeFile;
use overhear_change::defence::{Ledger, Setting, Who};
use overhear_traffic::packet::Device;
use sha2::{Digest, Sha256};
use std::io::Write;
use std::path::Path;

/// Rounds, and what attackers reach on them as they are.
pub(super) struct Bench<'a> {
    /// The rounds.
    pub gathered: &'a Gathered,
    /// How they are tried.
    pub settings: &'a Settings,
    engine: Engine<'a>,
    look: Look,
    /// By observer: the undefended task, and what the sweep's attackers reach on it.
    base: Vec<(Task, Measured)>,
    /// Of everything that a point depends on but the stack.
    identity: String,
}

/// Attackers at work, and the seed of the defences' first draw.
#[derive(Clone, Copy)]
struct Trial<'a> {
    audit: &'a audit::Settings,
    draws_from: u64,
}

/// Each attacker's draws of a stack, by observer.
struct Drawn {
    draws: Vec<Gathered>,
    ledger: Ledger,
    /// Draws that the ledger counted: a stack that draws nothing shows so by the second.
    counted: usize,
}

impl<'a> Bench<'a> {
    /// Estimates what the sweep's attackers reach on the rounds as they are.
    ///
    /// # Errors
    /// [`Error::NoPacketsToDefend`] of a table, [`Error::Learn`], [`Error::NothingLeft`], [`Error::Stopped`].
    pub fn new(
        gathered: &'a Gathered,
        settings: &'a Settings,
        engine: &Engine<'a>,
    ) -> Result<Bench<'a>, Error> {
        let look = gathered.look().ok_or(Error::NoPacketsToDefend)?.clone();
        let sweep = sweep(settings);
        let mut base = Vec::new();
        for observer in 0..look.observers.len() {
            let task = gathered.task(&gathered.conditions, observer, settings.audit.seed)?;
            let measured = estimated(&task, &sweep, engine)?;
            base.push((task, measured));
        }
        let identity = identity(gathered, settings);
        Ok(Bench { gathered, settings, engine: engine.unwatched(), look, base, identity })
    }

    /// What the sweep's attackers reach on the rounds as they are.
    pub fn undefended(&self) -> Vec<Undefended> {
        let of = |(&observer, (_, measured)): (&Vantage, &(Task, Measured))| Undefended {
            observer,
            reached: reached(measured),
        };
        self.gathered.observers.iter().zip(&self.base).map(of).collect()
    }

    /// Whose packets.
    pub fn device(&self) -> Device {
        self.look.device
    }

    /// A stack against the sweep's attackers; from the cache where it was tried before.
    ///
    /// # Errors
    /// As [`super::defend`].
    pub fn swept(&self, stack: &[Setting]) -> Result<Point, Error> {
        let kept = self.settings.cache.as_deref().map(|directory| directory.join(self.file(stack)));
        if let Some(point) = kept.as_deref().and_then(read) {
            return Ok(point);
        }
        let sweep = sweep(self.settings);
        let trial = Trial { audit: &sweep, draws_from: self.settings.audit.seed };
        let point = self.point(stack, &self.drawn(stack, trial)?, trial)?;
        kept.map_or(Ok(()), |path| write(&path, &point))?;
        Ok(point)
    }

    /// A stack against the audit's attackers with draws that the sweep did not see, and p of the randomisation test for each observer.
    ///
    /// # Errors
    /// As [`super::defend`].
    pub fn tried_again(&self, stack: &[Setting]) -> Result<(Point, Vec<f64>), Error> {
        let audit = &self.settings.audit;
        let trial = Trial { audit, draws_from: audit.seed.wrapping_add(1_000) };
        let drawn = self.drawn(stack, trial)?;
        let point = self.point(stack, &drawn, trial)?;
        let p = |observer: usize| {
            let task = drawn.draws[0].task(&self.gathered.conditions, observer, audit.seed)?;
            Ok(Measured::tested(&task, audit, "", &self.engine)?.p())
        };
        let p = (0..self.look.observers.len()).map(p).collect::<Result<_, Error>>()?;
        Ok((point, p))
    }

    /// What a stack costs, by its first draw alone.
    ///
    /// # Errors
    /// [`Error::Traffic`], [`Error::Stopped`].
    pub fn cost(&self, stack: &[Setting]) -> Result<PointCost, Error> {
        let ledger = Ledger::default();
        let own = self.stack(stack, self.settings.audit.seed, &ledger);
        self.gathered.defended(&own, &[], &self.engine)?;
        Ok(PointCost::of(&ledger.cost(), 1, self.gathered.recorded_s()))
    }

    fn stack(&self, settings: &[Setting], seed: u64, ledger: &Ledger) -> Stack {
        Stack { settings: settings.to_vec(), rates: self.settings.rates, seed, ledger: ledger.clone() }
    }

    fn drawn(&self, stack: &[Setting], trial: Trial<'_>) -> Result<Drawn, Error> {
        let ledger = Ledger::default();
        let mut draws: Vec<Gathered> = Vec::new();
        for draw in 0..self.settings.draws.max(1) as u64 {
            let own = self.stack(stack, trial.draws_from.wrapping_add(draw), &ledger);
            let found = self.gathered.defended(&own, &[], &self.engine)?.ok_or(Error::NoPacketsToDefend)?;
            if draw == 1 && found.is_as_seen(&draws[0]) {
                return Ok(Drawn { draws, ledger, counted: 2 });
            }
            draws.push(found);
        }
        let counted = draws.len();
        Ok(Drawn { draws, ledger, counted })
    }

    fn point(&self, stack: &[Setting], drawn: &Drawn, trial: Trial<'_>) -> Result<Point, Error> {
        let cost = drawn.ledger.cost();
        let has_cover = cost.up.cover.packets + cost.down.cover.packets > 0;
        let cover = match has_cover {
            // in a home of its own, with a draw that nobody is tried on
            true => {
                let seed = trial.draws_from.wrapping_add(self.settings.draws as u64);
                let rounds = self.gathered.sources_behind(&self.stack(stack, seed, &Ledger::default()));
                recognisers(&rounds, self.look.device, &self.look.observers, &self.engine)?
            }
            false => Vec::new(),
        };
        let recognised: Vec<f64> = cover.iter().map(|own| own.recognised()).collect();
        let filtered = match recognised.iter().any(|share| *share > 0.0) {
            true => {
                let read = |draw: usize| {
                    let seed = trial.draws_from.wrapping_add(draw as u64);
                    let own = self.stack(stack, seed, &Ledger::default());
                    self.gathered.defended(&own, &cover, &self.engine)?.ok_or(Error::NoPacketsToDefend)
                };
                (0..drawn.draws.len()).map(read).collect::<Result<Vec<Gathered>, Error>>()?
            }
            false => Vec::new(),
        };
        let mut seen = Vec::new();
        for (observer, &vantage) in self.gathered.observers.iter().enumerate() {
            let recognised = recognised.get(observer).copied();
            let retrained = self.task(&drawn.draws, observer)?;
            let (task, measured) = &self.base[observer];
            seen.push(SeenPoint {
                observer: vantage,
                is_seen: stack.iter().all(|setting| is_seen(setting.entry(), vantage)),
                old: old((task, measured), &retrained, trial.audit.seed, &self.engine)?,
                retrained: self.reached(&retrained, trial)?,
                filtered: match recognised.is_some_and(|share| share > 0.0) {
                    true => Some(self.reached(&self.task(&filtered, observer)?, trial)?),
                    false => None,
                },
                recognised,
            });
        }
        let entries = || stack.iter().map(Setting::entry);
        Ok(Point {
            stack: typed(stack),
            names: entries().map(|entry| entry.name.to_owned()).collect(),
            who: who(stack).words().to_owned(),
            drops: entries().filter_map(|entry| entry.drops).map(str::to_owned).collect(),
            draws: drawn.draws.len(),
            cost: PointCost::of(&cost, drawn.counted, self.gathered.recorded_s()),
            seen,
        })
    }

    /// All draws as one task.
    fn task(&self, draws: &[Gathered], observer: usize) -> Result<Task, Error> {
        let of = |draw: &Gathered| draw.task(&self.gathered.conditions, observer, self.settings.audit.seed);
        let tasks = draws.iter().map(of).collect::<Result<Vec<Task>, Error>>()?;
        Task::of_draws(tasks)?.ok_or(Error::NoPacketsToDefend)
    }

    fn reached(&self, task: &Task, trial: Trial<'_>) -> Result<Vec<Reached>, Error> {
        // several draws of each round say as much as several repetitions
        let draws = task.rounds.len() / self.base[0].0.rounds.len().max(1);
        let repetitions = trial.audit.repetitions.div_ceil(draws.max(1));
        let audit = audit::Settings { repetitions, ..trial.audit.clone() };
        Ok(reached(&attackers::estimated(task, &audit, &self.engine)?))
    }

    fn file(&self, stack: &[Setting]) -> String {
        let mut hash = Sha256::new();
        hash.update(format!("{} {}", self.identity, typed(stack)));
        format!("{}.json", hex(&hash.finalize()))
    }
}

/// The sweep's attackers.
fn sweep(settings: &Settings) -> audit::Settings {
    audit::Settings {
        attackers: settings.sweep.clone(),
        repetitions: settings.sweep_repetitions,
        ..settings.audit.clone()
    }
}

/// Defences as they are typed, with blanks between.
pub(super) fn typed(stack: &[Setting]) -> String {
    stack.iter().map(Setting::brief).collect::<Vec<_>>().join(" ")
}

/// Who has to run a stack: whoever is furthest from a home's router.
fn who(stack: &[Setting]) -> Who {
    let own = |who: Who| stack.iter().any(|setting| setting.entry().who == who);
    [Who::Maker, Who::FarEndToo, Who::Owner].into_iter().find(|&who| own(who)).unwrap_or(Who::Router)
}

/// Of everything that a point depends on but its stack.
fn identity(gathered: &Gathered, settings: &Settings) -> String {
    let mut hash = Sha256::new();
    let Settings { rates, draws, sweep, sweep_repetitions, audit, .. } = settings;
    let audit::Settings { seed, folds, .. } = audit;
    let (look, conditions) = (gathered.look(), &gathered.conditions);
    let learners: Vec<String> = sweep.names(true);
    let own = format!("{} {look:?} {conditions:?} {rates:?} {draws}", env!("CARGO_PKG_VERSION"));
    hash.update(format!("{own} {learners:?} {sweep_repetitions} {seed} {folds}"));
    for round in gathered.conditions.iter().flat_map(|condition| gathered.sources(condition)) {
        hash.update(format!("{} {} {:?} ", round.identity(), round.condition, round.unit));
    }
    hex(&hash.finalize())
}

/// What a cache holds; what cannot be read was never tried.
fn read(path: &Path) -> Option<Point> {
    serde_json::from_slice(&std::fs::read(path).ok()?).ok()
}

fn write(path: &Path, point: &Point) -> Result<(), Error> {
    if let Some(directory) = path.parent() {
        std::fs::create_dir_all(directory).map_err(Error::io(directory))?;
    }
    let text = serde_json::to_vec_pretty(point)?;
    let mut file = WholeFile::create(path)?;
    file.write_all(&text).map_err(Error::io(path))?;
    file.finish()
}
