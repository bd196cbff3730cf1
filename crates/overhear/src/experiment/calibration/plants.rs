//! Planted leaks, packet by packet: how much of each the attackers of the paper's features find, and how much all do.

use super::result::{PlantCell, Share};
use super::{Bench, REJECTED_AT, USUAL_PAIRS, WINDOWING, draw};
use crate::Error;
use crate::assemble::rounds_generated;
use crate::experiment::audit::view::Look;
use crate::experiment::audit::{self, Settings};
use crate::experiment::planted::{self, Dealt, Outcome};
use overhear_change::plant::{PLANTS, Plant};
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

impl Bench<'_> {
    /// Pairs of rounds through packets, the plant in those of the second condition, days and drift on. Both sets of attackers are
    /// tried on the same campaigns.
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
            let settings = Settings {
                permutations: self.settings.permutations,
                controls: false,
                background: false,
                ..audit::Settings::default_of(seed)?
            };
            let of = |features| {
                planted::audited(rounds.clone(), Dealt::WithConditions, &look(features), &settings)
            };
            Ok([of(FeatureSet::PAPER)?, of(FeatureSet::FULL)?])
        })?;
        let share = |set: usize, is: fn(&Outcome) -> bool| {
            Share::of(found.iter().filter(|of| is(&of[set])).count(), found.len(), None)
        };
        let rejected = |set| share(set, |outcome| outcome.p <= REJECTED_AT);
        let leaks = |set| share(set, |outcome| outcome.leak);
        Ok(PlantCell {
            plant: name,
            about: plant.map_or(String::new(), |plant| plant.entry().about.to_owned()),
            unit: plant.map_or(String::new(), |plant| plant.entry().unit.to_owned()),
            pairs: USUAL_PAIRS,
            campaigns: found.len(),
            rejected: [rejected(0), rejected(1)],
            leaks: [leaks(0), leaks(1)],
        })
    }
}

/// From the gateway, in windows of 15 s and of 20 packets.
fn look(features: FeatureSet) -> Look {
    const PACKETS: NonZeroU32 = NonZeroU32::new(20).unwrap();
    Look {
        device: crate::generate::device(),
        observers: vec![Observer::Gateway],
        windowings: vec![WINDOWING, Windowing::Count(PACKETS)],
        features,
    }
}
