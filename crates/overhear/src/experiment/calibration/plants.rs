//! Planted leaks, packet by packet: how much of each the attackers of the paper's features find, and how much all do.

use super::result::{AttackerCell, PlantCell, Share};
use super::{Bench, REJECTED_AT, USUAL_PAIRS, WINDOWING, draw};
use crate::Error;
use crate::assemble::rounds_generated;
use crate::engine::Engine;
use crate::experiment::audit::view::{Base, Grouping, Look, Representation};
use crate::experiment::audit::{self, Measured, Settings, Task, together};
use crate::experiment::planted::{self, Dealt};
use overhear_change::plant::{PLANTS, Plant};
use overhear_learn::sequence::TRANSFORMS;
use overhear_synth as synth;
use overhear_traffic::feature::FeatureSet;
use overhear_traffic::observer::Observer;
use overhear_traffic::window::Windowing;
use std::num::NonZeroU32;
use std::time::Duration;

/// Rounds of these campaigns, settling time included.
const ROUND: Duration = Duration::from_secs(12 * 60);

/// Three doses of each kind; of one that is not named here a twentieth, a fifth and four fifths of its range.
const DOSES: [(&str, [f64; 3]); 9] = [
    ("upload", [0.02, 0.05, 0.2]),
    ("mixture", [0.1, 0.3, 0.8]),
    ("direction", [0.05, 0.15, 0.4]),
    ("burst", [4.0, 10.0, 30.0]),
    ("phase", [2.0, 10.0, 30.0]),
    ("order", [0.1, 0.3, 1.0]),
    ("variance", [5.0, 20.0, 80.0]),
    ("rare", [10.0, 30.0, 100.0]),
    ("endpoint", [0.02, 0.1, 0.5]),
];

/// Every kind at its doses.
pub(super) fn all() -> Result<Vec<Plant>, Error> {
    let of = |entry: &'static overhear_change::plant::Entry| {
        let named = DOSES.iter().find(|(name, _)| *name == entry.name).map(|(_, doses)| *doses);
        let whole = |dose: f64| if entry.is_whole { dose.ceil() } else { dose };
        let doses = named.unwrap_or([0.05, 0.2, 0.8].map(|share| whole(share * entry.range.1)));
        doses.map(|dose| Plant::new(entry, dose))
    };
    Ok(PLANTS.into_iter().flat_map(of).collect::<Result<_, _>>()?)
}

/// p of a campaign by who attacked.
struct Attacked {
    paper: f64,
    default: f64,
    /// Each attacker by itself, in the order of the task.
    alone: Vec<(String, f64)>,
}

impl Attacked {
    /// One test with all attackers; what fewer of them give follows from the same statistics.
    fn of(task: &Task, settings: &Settings) -> Result<Attacked, Error> {
        let measured = Measured::tested(task, settings, "", &Engine::silent())?;
        let cells = task.cells(&measured.combinations);
        let grouping = |c: usize| task.tables[measured.combinations[c].table].windowing;
        let p = |wanted: &dyn Fn(usize) -> bool| {
            let Some(test) = &measured.test else { return 1.0 };
            let own: Vec<usize> = (0..cells.len()).filter(|&j| wanted(cells[j].0)).collect();
            let pick = |row: &Vec<f64>| own.iter().map(|&j| row[j]).collect();
            together(&test.scores.iter().map(pick).collect::<Vec<Vec<f64>>>(), test.exhaustive).p
        };
        let usual = audit::View::default().representation.sequences;
        let in_default = |grouping: Grouping| match grouping.base {
            Base::Sequence(sequence) => usual.contains(&sequence),
            _ => true,
        };
        let of_paper = |grouping: Grouping| {
            matches!(grouping.base, Base::Windowing(_)) && grouping.features == FeatureSet::PAPER
        };
        let alone = measured.combinations.iter().enumerate();
        Ok(Attacked {
            paper: p(&|c| of_paper(grouping(c))),
            default: p(&|c| in_default(grouping(c))),
            alone: alone
                .map(|(c, combination)| {
                    (format!("{} on {}", combination.learner.name(), grouping(c)), p(&|other| other == c))
                })
                .collect(),
        })
    }
}

impl Bench<'_> {
    /// Pairs of rounds through packets, the plant in those of the second condition, days and drift on.
    pub(super) fn plant(&self, plant: Option<Plant>) -> Result<PlantCell, Error> {
        let name = plant.map_or("nothing planted".to_owned(), |plant| plant.to_string());
        let campaigns = match plant {
            Some(_) => (self.settings.packet_campaigns / 2).max(1),
            None => 2 * self.settings.packet_campaigns,
        };
        let found = self.each(&format!("planted: {name}"), campaigns, |rng, seed| {
            let settings =
                synth::Settings { round: ROUND, ..draw::settings(USUAL_PAIRS, rand::Rng::random(rng)) };
            let rounds = rounds_generated(&settings)?;
            let second = synth::Condition::MicOnNoise.name();
            let rounds = match plant {
                Some(plant) => planted::in_condition(rounds, second, plant, seed),
                None => rounds,
            };
            let settings =
                Settings { permutations: self.settings.permutations, ..audit::Settings::default_of(seed)? };
            let task = planted::task(rounds, Dealt::WithConditions, &look()?, seed)?;
            Attacked::of(&task, &settings)
        })?;
        let rejected = |p: &dyn Fn(&Attacked) -> f64| {
            Share::of(found.iter().filter(|of| p(of) <= REJECTED_AT).count(), found.len(), None)
        };
        let mut attackers: Vec<String> = Vec::new();
        for (attacker, _) in found.iter().flat_map(|of| &of.alone) {
            if !attackers.contains(attacker) {
                attackers.push(attacker.clone());
            }
        }
        let alone = |attacker: String| {
            // where rounds of a campaign give this attacker nothing to look at it finds nothing
            let p =
                |of: &Attacked| of.alone.iter().find(|(name, _)| *name == attacker).map_or(1.0, |(_, p)| *p);
            AttackerCell { rejected: rejected(&p), attacker }
        };
        Ok(PlantCell {
            plant: name,
            about: plant.map_or(String::new(), |plant| plant.entry().about.to_owned()),
            unit: plant.map_or(String::new(), |plant| plant.entry().unit.to_owned()),
            pairs: USUAL_PAIRS,
            campaigns: found.len(),
            rejected: [rejected(&|of| of.paper), rejected(&|of| of.default)],
            attackers: attackers.into_iter().map(alone).collect(),
        })
    }
}

/// From the gateway, in windows of 15 s and of 20 packets, with every transform of series.
fn look() -> Result<Look, Error> {
    const PACKETS: NonZeroU32 = NonZeroU32::new(20).unwrap();
    let sequences = TRANSFORMS.iter().map(|entry| entry.name.parse()).collect::<Result<_, _>>()?;
    let windowings = vec![WINDOWING, Windowing::Count(PACKETS)];
    Ok(Look {
        device: crate::generate::device(),
        observers: vec![Observer::Gateway],
        representation: Representation { windowings, features: FeatureSet::FULL, sequences },
    })
}
