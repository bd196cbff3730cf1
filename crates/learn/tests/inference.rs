//! Tests and intervals against known truth: how often they are wrong, by simulation with fixed seeds.

use overhear_learn::inference::{
    Design, Nested, Repetition, max_t, nested_interval, nested_interval_by_class, student_quantile,
};
use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

const WINDOWS: usize = 10;
const N_FEATURES: usize = 2;
type Window = [f64; N_FEATURES];

/// Standard normal, by Box and Muller.
fn normal(rng: &mut ChaCha8Rng) -> f64 {
    let (u, v): (f64, f64) = (rng.random(), rng.random());
    (-2.0 * (1.0 - u).ln()).sqrt() * (std::f64::consts::TAU * v).cos()
}

/// One capture: windows of one class, moved by what is the unit's own and what is the round's own.
#[derive(Clone)]
struct Round {
    class: usize,
    windows: Vec<Window>,
}

/// A unit's effect has the deviation of the windows' noise, a round's 0.3 of it; the class moves the first
/// feature by `effect` deviations.
fn unit(classes: &[usize], effect: f64, rng: &mut ChaCha8Rng) -> Vec<Round> {
    let own: Window = std::array::from_fn(|_| normal(rng));
    let round = |&class: &usize| {
        let mut centre = own.map(|v| v + 0.3 * normal(rng));
        centre[0] += effect * class as f64;
        let windows = (0..WINDOWS).map(|_| centre.map(|v| v + normal(rng))).collect();
        Round { class, windows }
    };
    classes.iter().map(round).collect()
}

/// Nearest mean: the classes' means over the training units.
struct NearestMean([Window; 2]);

impl NearestMean {
    fn fit(units: &[Vec<Round>], train: impl Fn(usize) -> bool) -> NearestMean {
        let (mut sums, mut counts) = ([[0.0; N_FEATURES]; 2], [0.0; 2]);
        for round in units.iter().enumerate().filter(|(j, _)| train(*j)).flat_map(|(_, unit)| unit) {
            counts[round.class] += round.windows.len() as f64;
            for window in &round.windows {
                sums[round.class].iter_mut().zip(window).for_each(|(sum, v)| *sum += v);
            }
        }
        NearestMean([0, 1].map(|class| sums[class].map(|sum| sum / f64::max(counts[class], 1.0))))
    }

    /// Share of a round's windows classified wrongly.
    fn loss_of_round(&self, round: &Round) -> f64 {
        let distance =
            |w: &Window, mean: &Window| (0..N_FEATURES).map(|i| (w[i] - mean[i]).powi(2)).sum::<f64>();
        let told = |w: &Window| usize::from(distance(w, &self.0[1]) < distance(w, &self.0[0]));
        let wrong = round.windows.iter().filter(|w| told(w) != round.class).count();
        wrong as f64 / round.windows.len() as f64
    }

    /// Mean over the unit's rounds: 1 − the mean of its recalls.
    fn loss(&self, unit: &[Round]) -> f64 {
        unit.iter().map(|round| self.loss_of_round(round)).sum::<f64>() / unit.len() as f64
    }
}

/// Leaves folds of units out, once and in twos. `strata`: units dealt evenly within each.
fn repetition(units: &[Vec<Round>], strata: &[usize], n_folds: usize, rng: &mut ChaCha8Rng) -> Repetition {
    let mut order: Vec<usize> = (0..units.len()).collect();
    order.shuffle(rng);
    order.sort_by_key(|&j| strata[j]);
    let mut fold = vec![0; units.len()];
    order.iter().enumerate().for_each(|(place, &j)| fold[j] = (place % n_folds) as u32);
    let loss_without = |first: u32, second: u32| {
        let model = NearestMean::fit(units, |j| fold[j] != first && fold[j] != second);
        let of_unit = |(j, unit): (usize, &Vec<Round>)| {
            let left_out = fold[j] == first || fold[j] == second;
            if left_out { model.loss(unit) } else { f64::NAN }
        };
        units.iter().enumerate().map(of_unit).collect::<Vec<f64>>()
    };
    let k = n_folds as u32;
    let mut outer = vec![f64::NAN; units.len()];
    let mut inner = vec![vec![f64::NAN; units.len()]; n_folds];
    for first in 0..k {
        for second in first..k {
            let losses = loss_without(first, second);
            for (j, &loss) in losses.iter().enumerate() {
                match (fold[j] == first, fold[j] == second) {
                    (true, true) => outer[j] = loss,
                    (true, false) => inner[second as usize][j] = loss,
                    (false, true) => inner[first as usize][j] = loss,
                    (false, false) => {}
                }
            }
        }
    }
    Repetition { fold, outer, inner }
}

/// How often intervals hold the truth.
#[derive(Debug)]
struct Coverage {
    nested: f64,
    plain: f64,
    bias: f64,
}

/// Draws campaigns, each with its nested interval and its plain one (mean ± t standard errors over units).
fn coverage(
    classes_of_units: &[Vec<usize>],
    effect: f64,
    n_folds: usize,
    campaigns: u64,
    whole_captures: bool,
) -> Coverage {
    let strata: Vec<usize> = classes_of_units.iter().map(|c| if whole_captures { c[0] } else { 0 }).collect();
    let class_of_unit: Vec<u32> = strata.iter().map(|&s| s as u32).collect();
    let n = classes_of_units.len() as f64;
    let (mut found, mut truth) = (Vec::new(), 0.0);
    for campaign in 0..campaigns {
        let mut rng = ChaCha8Rng::seed_from_u64(20_231 + campaign);
        let units: Vec<Vec<Round>> =
            classes_of_units.iter().map(|classes| unit(classes, effect, &mut rng)).collect();
        let repetitions: Vec<Repetition> =
            (0..6).map(|_| repetition(&units, &strata, n_folds, &mut rng)).collect();
        let interval = if whole_captures {
            nested_interval_by_class(&repetitions, &class_of_unit, 0.95)
        } else {
            nested_interval(&repetitions, 0.95)
        };
        let interval = interval.expect("units enough");
        let outer = &repetitions[0].outer;
        let mean = outer.iter().sum::<f64>() / n;
        let variance = outer.iter().map(|l| (l - mean).powi(2)).sum::<f64>() / (n - 1.0);
        let reach = student_quantile(0.975, n - 1.0) * (variance / n).sqrt();
        found.push((interval, mean - reach, mean + reach));
        let model = NearestMean::fit(&units, |_| true);
        let fresh = (0..40).map(|_| model.loss(&unit(&[0, 1], effect, &mut rng))).sum::<f64>() / 40.0;
        truth += fresh / campaigns as f64;
    }
    let share = |holds: &dyn Fn(&(Nested, f64, f64)) -> bool| {
        found.iter().filter(|f| holds(f)).count() as f64 / found.len() as f64
    };
    Coverage {
        nested: share(&|f| f.0.low <= truth && truth <= f.0.high),
        plain: share(&|f| f.1 <= truth && truth <= f.2),
        bias: found.iter().map(|f| f.0.error - truth).sum::<f64>() / found.len() as f64,
    }
}

#[test]
fn nested_intervals_of_pairs_hold_the_truth() {
    for effect in [0.0, 0.6] {
        let found = coverage(&vec![vec![0, 1]; 24], effect, 4, 1000, false);
        println!("24 pairs, effect {effect}: {found:?}");
        assert!((0.91..=0.99).contains(&found.nested), "effect {effect}: {found:?}");
        assert!(found.plain < found.nested, "the plain interval is too short: {found:?}");
        assert!(found.bias.abs() < 0.02, "effect {effect}: {found:?}");
    }
}

#[test]
fn nested_intervals_of_whole_captures_hold_the_truth() {
    let captures: Vec<Vec<usize>> = (0..12).map(|j| vec![j % 2]).collect();
    for effect in [0.0, 0.6] {
        let found = coverage(&captures, effect, 3, 1000, true);
        println!("6 captures a condition, effect {effect}: {found:?}");
        assert!((0.91..=0.99).contains(&found.nested), "effect {effect}: {found:?}");
    }
}

/// Share of trials that reject at 0.05, and its standard error where 0.05 is the truth.
fn rejections(trials: u64, p: impl Fn(&mut ChaCha8Rng) -> f64) -> (f64, f64) {
    let rejects = |&trial: &u64| p(&mut ChaCha8Rng::seed_from_u64(trial)) <= 0.05;
    let share = (0..trials).filter(rejects).count() as f64 / trials as f64;
    (share, (0.05 * 0.95 / trials as f64).sqrt())
}

#[test]
fn max_t_rejects_one_time_in_twenty_when_nothing_is_there() {
    // 100 exchangeable assignments, four statistics that share a part and differ in scale
    let p = |rng: &mut ChaCha8Rng| {
        let row = |rng: &mut ChaCha8Rng| {
            let shared = normal(rng);
            [0.1, 1.0, 5.0, 50.0].map(|scale| scale * (shared + normal(rng))).to_vec()
        };
        max_t(&(0..100).map(|_| row(rng)).collect::<Vec<_>>(), false).p
    };
    let (share, error) = rejections(4000, p);
    println!("max-T: {share} of 4000 rejected, standard error {error}");
    assert!((share - 0.05).abs() <= 3.0 * error, "{share}");
}

/// Scores a labelling as an attacker would who may call either side the first: larger is more leakage.
fn distance_of_means(values: &[f64], classes: &[u32]) -> f64 {
    let side = |class: u32| {
        let own = values.iter().zip(classes).filter(|(_, c)| **c == class).map(|(v, _)| v);
        own.clone().sum::<f64>() / own.count() as f64
    };
    (side(0) - side(1)).abs()
}

/// p of a campaign of six pairs, days apart by far more than the noise, all 64 assignments compared.
fn p_of_pairs(effect: f64, rng: &mut ChaCha8Rng) -> f64 {
    let (mut values, mut classes) = (Vec::new(), Vec::new());
    for _ in 0..6 {
        let (day, first) = (3.0 * normal(rng), u32::from(rng.random::<bool>()));
        for class in [first, 1 - first] {
            values.push(day + effect * f64::from(class) + normal(rng));
            classes.push(class);
        }
    }
    let design =
        Design { units: (0..12).map(|round| round / 2).collect(), classes, n_classes: 2, order: None };
    let assignments = design.assignments(999, 0);
    assert!(assignments.exhaustive);
    let score = |classes: &Vec<u32>| vec![distance_of_means(&values, classes)];
    max_t(&assignments.classes.iter().map(score).collect::<Vec<_>>(), true).p
}

#[test]
fn pair_swaps_see_through_the_days() {
    let (share, error) = rejections(2000, |rng| p_of_pairs(0.0, rng));
    println!("pair-swap, no effect: {share} of 2000 rejected, standard error {error}");
    // 3.1 % is the largest level that 64 assignments in twos have below 5 %
    assert!((share - 2.0 / 64.0).abs() <= 3.0 * error, "{share}");
    let (power, _) = rejections(500, |rng| p_of_pairs(4.0, rng));
    println!("pair-swap, effect 4: {power} of 500 rejected");
    assert!(power > 0.9, "{power}");
}

#[test]
fn p_is_never_below_what_the_design_can_give() {
    for trial in 0..200 {
        let p = p_of_pairs(20.0, &mut ChaCha8Rng::seed_from_u64(trial));
        assert_eq!(p, 2.0 / 64.0, "the swap of all labels ties, however rounding falls");
    }
}
