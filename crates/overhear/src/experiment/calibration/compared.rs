//! Two campaigns between which nothing changed: what the interval of a rise holds, and how often the gate alarms.

use super::draw::{self, Days};
use super::result::{CompareCell, RiseCoverage, Share};
use super::{Bench, CONFIDENCE, USUAL_PAIRS, only_task};
use crate::Error;
use crate::engine::Engine;
use crate::experiment::audit::result::Estimate;
use crate::experiment::audit::view::Horizon;
use crate::experiment::audit::{Measured, gather_table, rise};
use crate::experiment::interval::mean_and_std;
use crate::table::Labelled;

/// Effect of both campaigns that are compared.
const COMPARED_EFFECT: f64 = 0.3;
/// A rise of balanced accuracy that counts as none: the gate's default.
const MARGIN: f64 = 0.05;

impl Bench<'_> {
    /// Two campaigns of the same schedule and effect: nothing rises.
    pub(super) fn compared(&self, days: Days, name: &str) -> Result<CompareCell, Error> {
        let stage = format!("two campaigns, {name}");
        let found = self.each(&stage, self.settings.campaigns, |rng, seed| {
            let tables = draw::two_campaigns(&self.statistics, USUAL_PAIRS, COMPARED_EFFECT, days, rng)?;
            let settings = self.audit(seed, 0)?;
            let estimated = |table: &Labelled| {
                let task = only_task(&gather_table(table, "drawn")?)?;
                let untested = Measured::untested(&task, &settings);
                let measured = untested.estimated(&task, &settings, "", &Engine::silent())?;
                Ok::<_, Error>(measured.horizons)
            };
            let [old, new] = [estimated(&tables[0])?, estimated(&tables[1])?];
            let partners: Vec<(usize, usize)> = (0..USUAL_PAIRS as usize).map(|unit| (unit, unit)).collect();
            let rises = old.iter().zip(&new).map(|(old, new)| (old.horizon, rise(old, new, &partners)));
            Ok(rises.collect::<Vec<(Horizon, Estimate)>>())
        })?;
        let horizons = found.first().map_or(0, Vec::len);
        let at = |at: usize| {
            let all = || found.iter().map(|rises| rises[at].1);
            let share = |holds: fn(&Estimate) -> bool, expected| {
                Share::of(all().filter(&holds).count(), found.len(), expected)
            };
            RiseCoverage {
                horizon: found[0][at].0,
                width: mean_and_std(&all().map(|e| e.high - e.low).collect::<Vec<f64>>()).0,
                coverage: share(|e| (e.low..=e.high).contains(&0.0), Some(CONFIDENCE)),
                alarms: share(|e| e.low > 0.0, Some((1.0 - CONFIDENCE) / 2.0)),
                within: share(|e| e.high < MARGIN, None),
            }
        };
        // rounds are shorter than five minutes: that horizon is the round
        let shown = (0..horizons).filter(|&at| found[0][at].0 != Horizon::Minutes(5));
        let horizons = shown.map(at).collect();
        Ok(CompareCell {
            days: name.to_owned(),
            pairs: USUAL_PAIRS,
            effect: COMPARED_EFFECT,
            campaigns: found.len(),
            horizons,
        })
    }
}
