//! Campaigns drawn as feature tables, with a truth that is known.

use super::statistics::{Statistics, WINDOW};
use crate::Error;
use crate::experiment::audit::view::Vantage;
use crate::table::Labelled;
use overhear_learn::{Dataset, Matrix};
use overhear_synth::{self as synth, Condition, Environment, LEVER_FEATURES, RoundPlan, Scenario};
use overhear_traffic::feature::FEATURES;
use overhear_traffic::observer::Observer;
use rand::Rng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;

/// Windows of a round: three minutes of t=15.
pub const WINDOWS: u32 = 12;

/// Day effect and drift of every campaign here, deviations of a window: docs/method.md, "The paper's protocol", half the noise.
pub const DISTURBANCE: f64 = 0.5;

/// The knobs of a generated campaign whose rounds keep [`WINDOWS`] windows after a quarter is left out to settle.
pub fn settings(pairs: u32, seed: u64) -> synth::Settings {
    synth::Settings {
        scenario: Scenario::Crossover,
        effect: 0.0,
        day_effect: DISTURBANCE,
        drift: DISTURBANCE,
        seed,
        pairs,
        round: WINDOW * WINDOWS * 4 / 3,
        ..Default::default()
    }
}

/// Pairs in random order, twice as many as asked for: the first are the campaign, the others, half a slot later on
/// the same days, new units to learn the truth from.
///
/// `effect`: how far the feature that moves most moves, deviations of a window.
///
/// # Errors
/// [`Error::Settings`], [`Error::Learn`].
pub fn crossover(
    statistics: &Statistics,
    pairs: u32,
    effect: f64,
    rng: &mut ChaCha8Rng,
) -> Result<[Labelled; 2], Error> {
    let settings = settings(pairs, rng.random());
    let plan = synth::plan(&settings)?;
    let half_slot_ns = match plan.as_slice() {
        [first, _, third, ..] => (third.start_ns - first.start_ns) / 2,
        _ => 2 * plan.iter().map(|round| (round.duration_s * 1e9) as i64).sum::<i64>(),
    };
    let later = plan.iter().map(|round| RoundPlan {
        unit: round.unit + pairs,
        start_ns: round.start_ns + half_slot_ns,
        ..round.clone()
    });
    let later: Vec<RoundPlan> = later.collect();
    let mut campaign = Rows::new(statistics, &TWO);
    plan.iter().for_each(|round| campaign.round(&settings, round, WINDOWS, effect, rng));
    let audited = campaign.table()?;
    later.iter().for_each(|round| campaign.round(&settings, round, WINDOWS, effect, rng));
    Ok([audited, campaign.table()?])
}

/// How the days of a second campaign compare with those of the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Days {
    /// The same schedule on days of their own.
    Own,
    /// Days disturb both alike: losses of paired units go together.
    Shared,
    /// Days disturb both the opposite way.
    Opposite,
}

/// Two campaigns of the same schedule and effect.
///
/// # Errors
/// [`Error::Settings`], [`Error::Learn`].
pub fn two_campaigns(
    statistics: &Statistics,
    pairs: u32,
    effect: f64,
    days: Days,
    rng: &mut ChaCha8Rng,
) -> Result<[Labelled; 2], Error> {
    let settings = settings(pairs, rng.random());
    let plan = synth::plan(&settings)?;
    let other = synth::Settings { seed: rng.random(), ..settings.clone() };
    let mut campaign = |settings: &synth::Settings, sign: f64| {
        let mut rows = Rows { sign, ..Rows::new(statistics, &TWO) };
        plan.iter().for_each(|round| rows.round(settings, round, WINDOWS, effect, rng));
        rows.table()
    };
    let first = campaign(&settings, 1.0)?;
    let second = match days {
        Days::Own => campaign(&other, 1.0)?,
        Days::Shared => campaign(&settings, 1.0)?,
        Days::Opposite => campaign(&settings, -1.0)?,
    };
    Ok([first, second])
}

/// Whole captures without pairs, so many of each condition in random order over three days, and as many new ones
/// behind them: the first table is the campaign, the second has both.
///
/// # Errors
/// [`Error::Learn`].
pub fn captures(
    statistics: &Statistics,
    of_each: u32,
    effect: f64,
    rng: &mut ChaCha8Rng,
) -> Result<[Labelled; 2], Error> {
    let settings = settings(of_each, rng.random());
    let slot_ns = 3 * DAY_NS / i64::from(4 * of_each);
    let mut rows = Rows::new(statistics, &TWO);
    let mut campaign = |later: u32, rows: &mut Rows<'_>| {
        let mut conditions: Vec<Condition> = TWO.repeat(of_each as usize);
        conditions.shuffle(rng);
        for (number, condition) in (0..).zip(conditions) {
            // the new ones lie between the others, on the same days
            let offset_ns = i64::from(2 * number + later) * slot_ns;
            let unit = later * 2 * of_each + number + 1;
            let round = round_at(&settings, unit, condition, offset_ns);
            rows.round(&settings, &round, WINDOWS, effect, rng);
        }
        rows.table()
    };
    Ok([campaign(0, &mut rows)?, campaign(1, &mut rows)?])
}

const DAY_NS: i64 = 86_400_000_000_000;

pub(super) fn round_at(
    settings: &synth::Settings,
    unit: u32,
    condition: Condition,
    offset_ns: i64,
) -> RoundPlan {
    RoundPlan {
        index: unit as usize,
        name: condition.name().to_owned(),
        condition,
        unit,
        start_ns: settings.start_ns + offset_ns,
        duration_s: f64::from(WINDOWS) * WINDOW.as_secs_f64(),
        drop_s: 0,
        day: Some(offset_ns / DAY_NS),
    }
}

/// Units of three conditions without an effect, in random order, as all four observers see them.
///
/// # Errors
/// [`Error::Learn`].
pub fn triples(
    statistics: &Statistics,
    units: u32,
    rng: &mut ChaCha8Rng,
) -> Result<Vec<(Vantage, Labelled)>, Error> {
    let settings = settings(units, rng.random());
    let mut rows = Rows::new(statistics, &THREE);
    let slot_ns = 3 * DAY_NS / i64::from(units);
    for unit in 0..units {
        let mut order = THREE;
        order.shuffle(rng);
        for (place, condition) in (0..).zip(order) {
            let offset_ns =
                i64::from(unit) * slot_ns + place * 4 * WINDOW.as_nanos() as i64 * i64::from(WINDOWS);
            let round = round_at(&settings, unit + 1, condition, offset_ns);
            rows.round(&settings, &round, WINDOWS, 0.0, rng);
        }
    }
    let whole = rows.table()?;
    let seen = |observer: Observer| {
        let sees =
            |name: &&String| FEATURES.iter().any(|f| f.name == name.as_str() && observer.sees(f.needs));
        let features: Vec<String> = whole.data.features.iter().filter(sees).cloned().collect();
        let mut column = |name: &String| {
            let j = whole.data.features.iter().position(|own| own == name).unwrap_or(0);
            // what another vantage point adds of its own
            let own = 0.3 * statistics.deviation[j];
            whole.data.x.column(j).iter().map(|x| x + own * rng.sample::<f64, _>(StandardNormal)).collect()
        };
        let columns: Vec<Vec<f64>> = features.iter().map(&mut column).collect();
        let data = Dataset { x: Matrix::from_columns(&columns)?, features, ..whole.data.clone() };
        Ok((Vantage::Observer(observer), Labelled { data, ..whole.clone() }))
    };
    Observer::ALL.into_iter().map(seen).collect()
}

const TWO: [Condition; 2] = [Condition::MicOn, Condition::MicOnNoise];
const THREE: [Condition; 3] = [Condition::MicOff, Condition::MicOn, Condition::MicOnNoise];

/// The paper's design: one capture a condition, three days apart, as many windows as a crossover of so many pairs.
///
/// # Errors
/// [`Error::Learn`].
pub fn one_capture_each(
    statistics: &Statistics,
    pairs: u32,
    rng: &mut ChaCha8Rng,
) -> Result<Labelled, Error> {
    let settings = settings(pairs, rng.random());
    let mut rows = Rows::new(statistics, &TWO);
    for (index, condition) in TWO.into_iter().enumerate() {
        let round = RoundPlan {
            index,
            name: condition.name().to_owned(),
            condition,
            unit: index as u32 + 1,
            start_ns: settings.start_ns + index as i64 * 3 * DAY_NS,
            duration_s: f64::from(pairs * WINDOWS) * WINDOW.as_secs_f64(),
            drop_s: 0,
            day: None,
        };
        rows.round(&settings, &round, pairs * WINDOWS, 0.0, rng);
    }
    rows.table()
}

/// Rows as they are drawn.
struct Rows<'a> {
    statistics: &'a Statistics,
    conditions: &'a [Condition],
    /// What days and hours do is taken so many times: −1 turns it around.
    sign: f64,
    columns: Vec<Vec<f64>>,
    y: Vec<u32>,
    units: Vec<u32>,
    starts_ns: Vec<i64>,
}

impl<'a> Rows<'a> {
    fn new(statistics: &'a Statistics, conditions: &'a [Condition]) -> Rows<'a> {
        let columns = vec![Vec::new(); statistics.features.len()];
        let (y, units, starts_ns) = (Vec::new(), Vec::new(), Vec::new());
        Rows { statistics, conditions, sign: 1.0, columns, y, units, starts_ns }
    }

    /// Windows of one round: normal, correlated as the generator's are among themselves and in time, moved by the
    /// day, the hour, the round itself and the condition.
    fn round(
        &mut self,
        settings: &synth::Settings,
        round: &RoundPlan,
        n_windows: u32,
        effect: f64,
        rng: &mut ChaCha8Rng,
    ) {
        let s = self.statistics;
        let mut environment = Environment::new(settings, round);
        let own = correlated(s, rng);
        let mut window = correlated(s, rng);
        let class = self.conditions.iter().position(|&c| c == round.condition).unwrap_or(0) as u32;
        let effect = effect * f64::from(u8::from(round.condition == Condition::MicOnNoise));
        let first_ns = round.start_ns + round.drop_s as i64 * 1_000_000_000;
        for number in 0..n_windows {
            let start_ns = first_ns + i64::from(number) * WINDOW.as_nanos() as i64;
            let levers = environment.levers(start_ns);
            for (j, feature) in s.features.iter().enumerate() {
                let lever = LEVER_FEATURES.iter().position(|moved| moved.contains(&feature.as_str()));
                let moved = lever.map_or(0.0, |lever| self.sign * levers[lever]);
                let z = moved + s.between[j] * own[j] + window[j] + effect * s.direction[j];
                self.columns[j].push(s.mean[j] + s.deviation[j] * z);
            }
            self.y.push(class);
            self.units.push(round.unit);
            self.starts_ns.push(start_ns);
            let fresh = correlated(s, rng);
            for ((value, fresh), memory) in window.iter_mut().zip(fresh).zip(&s.memory) {
                *value = memory * *value + (1.0 - memory * memory).sqrt() * fresh;
            }
        }
    }

    fn table(&self) -> Result<Labelled, Error> {
        let data = Dataset {
            features: self.statistics.features.clone(),
            x: Matrix::from_columns(&self.columns)?,
            y: self.y.clone(),
            classes: self.conditions.iter().map(|c| c.name().to_owned()).collect(),
            units: Some(self.units.clone()),
            starts_ns: Some(self.starts_ns.clone()),
        };
        Ok(Labelled { data, folds: None, warnings: Vec::new() })
    }
}

/// One standard normal value for each feature, correlated as windows are.
fn correlated(s: &Statistics, rng: &mut ChaCha8Rng) -> Vec<f64> {
    let free: Vec<f64> = s.features.iter().map(|_| rng.sample(StandardNormal)).collect();
    s.factor.iter().map(|row| row.iter().zip(&free).map(|(l, z)| l * z).sum()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::interval::mean_and_std;
    use rand::SeedableRng;

    #[test]
    fn windows_have_the_statistics_they_are_drawn_from() {
        let statistics = Statistics::measure(1).unwrap();
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let quiet = synth::Settings { day_effect: 0.0, drift: 0.0, ..settings(1, 1) };
        let mut rows = Rows::new(&statistics, &TWO);
        for pair in synth::plan(&quiet).unwrap().iter().cycle().take(400) {
            rows.round(&quiet, pair, WINDOWS, 0.6, &mut rng);
        }
        for (j, feature) in statistics.features.iter().enumerate() {
            let of = |class: u32| {
                let own = rows.columns[j].iter().zip(&rows.y).filter(|(_, y)| **y == class);
                mean_and_std(&own.map(|(x, _)| *x).collect::<Vec<f64>>())
            };
            let ((quiet, deviation), (noise, _)) = (of(0), of(1));
            let moved = (noise - quiet) / statistics.deviation[j];
            assert!((moved - 0.6 * statistics.direction[j]).abs() < 0.12, "{feature}: {moved}");
            let wanted = (1.0 + statistics.between[j].powi(2)).sqrt() * statistics.deviation[j];
            assert!((deviation / wanted - 1.0).abs() < 0.05, "{feature}: {deviation} of {wanted}");
        }
    }

    #[test]
    fn a_campaign_and_its_new_units_share_days_and_no_unit() {
        let statistics = Statistics::measure(1).unwrap();
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let [audited, all] = crossover(&statistics, 6, 0.3, &mut rng).unwrap();
        assert_eq!(audited.data.n_rows(), 6 * 2 * WINDOWS as usize);
        assert_eq!(all.data.n_rows(), 2 * audited.data.n_rows());
        assert_eq!(all.data.x.column(3)[..audited.data.n_rows()], *audited.data.x.column(3));
        let units = all.data.units.unwrap();
        assert_eq!((units[0], units[units.len() - 1]), (1, 12));
    }
}
