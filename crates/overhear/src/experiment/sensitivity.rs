//! What an audit would have found: leaks of known size, planted into the rounds of one condition.
//!
//! Source: docs/audit.md, "What it would have found". For each kind of plant the smallest dose that becomes a LEAK in
//! [`NEEDED`] of [`TRIES`] campaigns is looked for by bisection.

use super::audit::result::{FoundPlant, Sensitivity};
use super::audit::view::{Look, Vantage};
use super::audit::{Gathered, Settings};
use super::planted::{self, Dealt};
use crate::Error;
use crate::assemble::RoundSource;
use crate::engine::Engine;
use crate::whole_file::WholeFile;
use overhear_change::plant::{Entry, Plant};
use sha2::{Digest, Sha256};
use std::io::Write;
use std::path::Path;

/// Campaigns at each dose.
pub const TRIES: usize = 10;
/// Of them so many must be a LEAK.
pub const NEEDED: usize = 8;
/// Assignments of each test: enough for p ≤ 0.01.
const PERMUTATIONS: usize = 199;
/// Tries that run at once: a dose is given up as soon as too many of those that ran were no LEAK. A number of its own,
/// so that results are the same on any number of threads.
const AT_ONCE: usize = 2;
/// Doses that are tried of each kind: the largest, then halvings of the range of logarithms.
const HALVINGS: usize = 5;
/// The smallest dose looked at is the largest by this.
const RANGE: f64 = 1024.0;
/// Pairs below which no campaign can be a LEAK.
pub const FEWEST_PAIRS: usize = 8;

/// Plants leaks of these kinds into the rounds of the condition that has most, the first of equals; `None` where these make too few
/// pairs, or where there are no packets. `cache`: a directory in which what was found for each kind is kept, by the hash
/// of everything it depends on.
///
/// # Errors
/// What reading and auditing give, [`Error::Io`] of the cache, [`Error::Stopped`].
pub fn sensitivity(
    gathered: &Gathered,
    kinds: &[&'static Entry],
    settings: &Settings,
    cache: Option<&Path>,
    engine: &Engine<'_>,
) -> Result<Option<Sensitivity>, Error> {
    let Some(look) = gathered.look() else { return Ok(None) };
    let most = gathered.conditions.iter().rev().max_by_key(|condition| gathered.sources(condition).len());
    let Some(condition) = most else { return Ok(None) };
    let rounds = gathered.sources(condition);
    let pairs = rounds.len() / 2;
    if pairs < FEWEST_PAIRS {
        return Ok(None);
    }
    let settings = Settings {
        permutations: PERMUTATIONS.min(settings.permutations.max(1)),
        controls: false,
        background: false,
        ..settings.clone()
    };
    let search = Search { rounds: &rounds, look, settings: &settings, cache, engine };
    engine.stage("what the audit would have found", (kinds.len() * (HALVINGS + 1)) as u64);
    let kinds = kinds.iter().map(|entry| search.smallest(entry)).collect::<Result<Vec<_>, Error>>()?;
    Ok(Some(Sensitivity {
        observer: Vantage::Observer(look.observers[0]),
        condition: condition.clone(),
        pairs,
        tries: TRIES,
        needed: NEEDED,
        permutations: settings.permutations,
        kinds,
    }))
}

/// What every kind is looked for with.
struct Search<'a> {
    rounds: &'a [RoundSource],
    look: &'a Look,
    settings: &'a Settings,
    cache: Option<&'a Path>,
    engine: &'a Engine<'a>,
}

impl Search<'_> {
    /// The smallest dose that is found, from the cache where it was looked for before.
    fn smallest(&self, entry: &'static Entry) -> Result<FoundPlant, Error> {
        let kept = self.cache.map(|directory| directory.join(format!("{}.json", self.hash(entry))));
        let known = kept.as_deref().and_then(read);
        let found = match known {
            Some(found) => {
                self.engine.steps((HALVINGS + 1) as u64);
                found
            }
            None => {
                let found = self.look_for(entry)?;
                kept.map_or(Ok(()), |path| write(&path, &found))?;
                found
            }
        };
        Ok(found)
    }

    fn look_for(&self, entry: &'static Entry) -> Result<FoundPlant, Error> {
        let largest = entry.range.1;
        let mut dose = None;
        let mut steps = 0;
        if self.is_found(entry, largest)? {
            let (mut low, mut high) = (largest / RANGE, largest);
            for _ in 0..HALVINGS {
                let middle = rounded(entry, (low * high).sqrt());
                if middle >= high || middle <= low {
                    break;
                }
                steps += 1;
                if self.is_found(entry, middle)? { high = middle } else { low = middle }
            }
            dose = Some(high);
        }
        self.engine.steps((HALVINGS - steps) as u64);
        let Entry { name, about, unit, .. } = *entry;
        let [plant, about, unit] = [name, about, unit].map(str::to_owned);
        Ok(FoundPlant { plant, about, unit, dose, largest })
    }

    /// Whether enough tries at a dose are a LEAK; a step.
    fn is_found(&self, entry: &'static Entry, dose: f64) -> Result<bool, Error> {
        let plant = Plant::new(entry, dose)?;
        let seeds: Vec<u64> = planted::seeds(self.settings.seed).take(TRIES).collect();
        let (mut leaks, mut others) = (0, 0);
        for some in seeds.chunks(AT_ONCE) {
            if leaks >= NEEDED || others > TRIES - NEEDED {
                break;
            }
            let found = self.engine.unwatched().each(some, |&seed| {
                let settings = Settings { seed, ..self.settings.clone() };
                let rounds = planted::pairs_by_coin(self.rounds, plant, seed);
                planted::audited(rounds, Dealt::ByCoin, self.look, &settings)
            })?;
            leaks += found.iter().filter(|outcome| outcome.leak).count();
            others += found.iter().filter(|outcome| !outcome.leak).count();
        }
        self.engine.step();
        Ok(leaks >= NEEDED)
    }

    /// Of everything that what is found depends on.
    fn hash(&self, entry: &Entry) -> String {
        let mut hash = Sha256::new();
        let Settings { seed, permutations, folds, repetitions, .. } = self.settings;
        let learners = self.settings.attackers.names(true);
        let own = (env!("CARGO_PKG_VERSION"), entry.name, entry.range.1, self.look);
        hash.update(format!("{own:?} {seed} {permutations} {learners:?} {folds} {repetitions}"));
        self.rounds.iter().for_each(|round| hash.update(round.identity()));
        crate::campaign::hex(&hash.finalize())
    }
}

/// A dose that can be said: two digits, or whole where it counts something.
fn rounded(entry: &Entry, dose: f64) -> f64 {
    if entry.is_whole {
        return dose.round();
    }
    let digit = 10f64.powf(dose.log10().floor() - 1.0);
    (dose / digit).round() * digit
}

/// What a cache holds; what cannot be read was never found.
fn read(path: &Path) -> Option<FoundPlant> {
    serde_json::from_slice(&std::fs::read(path).ok()?).ok()
}

fn write(path: &Path, found: &FoundPlant) -> Result<(), Error> {
    if let Some(directory) = path.parent() {
        std::fs::create_dir_all(directory).map_err(Error::io(directory))?;
    }
    let text = serde_json::to_vec_pretty(found).map_err(|e| Error::io(path)(e.into()))?;
    let mut file = WholeFile::create(path)?;
    file.write_all(&text).map_err(Error::io(path))?;
    file.finish()
}
