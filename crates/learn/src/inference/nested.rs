//! An interval for the error on new units that knows folds share training rows.
//!
//! In plain cross-validation the losses of two units depend on each other, since either is trained on when
//! the other is tested. Leaving each fold out a second time inside the rest shows how far an estimate lands
//! from the fresh fold, and so how wide the interval must be.
//! Source: Bates, Hastie and Tibshirani, "Cross-validation: what does it estimate and how well does it do
//! it?", JASA 2023, algorithm 1; METHOD §4.
//!
//! Two departures, both measured (`docs/calibration.md`). That method's error is the error of one
//! cross-validation, while the estimate is the mean of several: what repetitions differ by is taken off, or
//! learners as restless as trees get intervals 1.4 times as wide as needed. And the estimate is the plain mean
//! of the losses: the correction for smaller training sets removes about a quarter of a bias of at most 0.02
//! and adds 15 to 25 % to the deviation.
//!
//! Take four folds. Where there is no effect, more folds make the interval miss more often.

use super::student_quantile;

/// How far, from the variance of means over repetitions to that of one repetition, the least variance lies.
///
/// Of 0, 0.2, 0.25, 0.33 the one whose coverage was nearest to 0.95 at its worst: 27 cells of 200 simulated campaigns
/// of 12 to 48 pairs, kNN and decision tree.
const LEAST: f64 = 0.25;

/// The largest variance, times that of independent units in one repetition. The published limit is the number of
/// folds; where there is no effect that holds the truth in 0.995 of 400 campaigns of 12 and of 24 pairs (this one in
/// 0.995 and 0.990), and it gains nothing elsewhere.
const MOST: f64 = 1.5;

/// One random cut of the units into folds, and what it gave. Losses are between 0 and 1.
#[derive(Debug, Clone, PartialEq)]
pub struct Repetition {
    /// Fold of each unit (n_units), below n_folds; three folds or more, best of two units or more.
    pub fold: Vec<u32>,
    /// Loss of each unit, its own fold left out of training (n_units).
    pub outer: Vec<f64>,
    /// Loss of each unit, the row's fold and its own fold left out (n_folds × n_units); NaN for units of
    /// the row's fold.
    pub inner: Vec<Vec<f64>>,
}

/// Expected loss on new units, with its interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Nested {
    /// Mean of the outer losses over units and repetitions.
    pub error: f64,
    /// Standard error of `error`, between two: of independent units whose losses are means over repetitions, a
    /// little raised, and of independent units in one repetition, a little raised.
    pub standard_error: f64,
    /// Lower end. Range: 0 to 1, like the upper.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// Interval for the mean loss on new units, each unit a pair (or one round of each condition).
///
/// `level`: coverage, above 0 and below 1. Student's t with n_units − 1 degrees. `None` without
/// repetitions, with fewer than three units or folds, or where a loss that is needed is not a number. Where
/// all units lose the same the interval has no width: it can only know what the units show.
///
/// # Panics
/// When the parts of a repetition differ in length, a fold has no inner row, or `level` is out of range.
pub fn nested_interval(repetitions: &[Repetition], level: f64) -> Option<Nested> {
    let n_units = repetitions.first()?.outer.len();
    nested_interval_by_class(repetitions, &vec![0; n_units], level)
}

/// The same where each unit is of one class only (whole captures): the loss is the mean over the classes of
/// each class's mean loss, and units vary within their class.
///
/// `class_of_unit`: (n_units). Variances of the classes' means add up, divided by the square of the number
/// of classes. Student's t with n_units − n_classes degrees. `None` also where a class has a single unit.
///
/// # Panics
/// As [`nested_interval`], or when there is not one class for each unit.
pub fn nested_interval_by_class(
    repetitions: &[Repetition],
    class_of_unit: &[u32],
    level: f64,
) -> Option<Nested> {
    assert!(level > 0.0 && level < 1.0, "a level between 0 and 1, not {level}");
    let strata = Strata::of(class_of_unit);
    let n_folds = repetitions.first()?.inner.len();
    repetitions.iter().for_each(|repetition| repetition.check(class_of_unit.len(), n_folds));
    let too_few = strata.n_units() < 3 || n_folds < 3 || strata.units.iter().any(|units| units.len() < 2);
    if too_few || !repetitions.iter().all(Repetition::is_complete) {
        return None;
    }
    let parts: Vec<Parts> = repetitions.iter().map(|repetition| Parts::of(repetition, &strata)).collect();
    let (n, k) = (parts.len() as f64, n_folds as f64);
    let mean = |part: fn(&Parts) -> f64| parts.iter().map(part).sum::<f64>() / n;
    let error = mean(|p| p.outer);

    // of one cross-validation; found for (K − 1)/K of the units, wanted for all of them
    let found = mean(|p| p.squared_error) * (k - 1.0) / k;
    // the mean of n repetitions differs less: (n − 1)/n of what one differs by, Σ (x − mean)² / n
    let by_chance = parts.iter().map(|p| (p.outer - error).powi(2)).sum::<f64>() / n;
    // what independent units would have: losses of one repetition, and means over all of them
    let naive = mean(|p| p.naive_variance);
    let loss = |unit: usize| repetitions.iter().map(|r| r.outer[unit]).sum::<f64>() / n;
    let losses: Vec<f64> = (0..class_of_unit.len()).map(loss).collect();
    let averaged = strata.variance_of_mean(&strata.variances(&losses));
    let least = averaged + LEAST * (naive - averaged).max(0.0);
    let standard_error = (found - by_chance).min(MOST * naive).max(least).sqrt();

    let degrees = (strata.n_units() - strata.units.len()) as f64;
    let reach = student_quantile(0.5 + level / 2.0, degrees) * standard_error;
    Some(Nested {
        error,
        standard_error,
        low: (error - reach).clamp(0.0, 1.0),
        high: (error + reach).clamp(0.0, 1.0),
    })
}

/// Means over the folds of one repetition.
struct Parts {
    outer: f64,
    naive_variance: f64,
    /// Mean over the folds of (inner mean − outer mean of the fold)² less the variance of the latter.
    squared_error: f64,
}

impl Parts {
    fn of(repetition: &Repetition, strata: &Strata) -> Parts {
        let variances = strata.variances(&repetition.outer);
        let mut parts = Parts {
            outer: strata.mean(|unit| Some(repetition.outer[unit])),
            naive_variance: strata.variance_of_mean(&variances),
            squared_error: 0.0,
        };
        let mut folds = 0.0;
        for (fold, inner) in repetition.inner.iter().enumerate() {
            let tested = strata.only(|unit| repetition.fold[unit] as usize == fold);
            if tested.units.is_empty() {
                continue;
            }
            let rest = tested.same_classes(strata, |unit| repetition.fold[unit] as usize != fold);
            // a class all of whose units are in this fold has nothing to be compared with
            if rest.units.len() != tested.units.len() {
                continue;
            }
            let difference =
                rest.mean(|unit| Some(inner[unit])) - tested.mean(|unit| Some(repetition.outer[unit]));
            let own = tested.variances_or(&repetition.outer, strata, &variances);
            parts.squared_error += difference.powi(2) - tested.variance_of_mean(&own);
            folds += 1.0;
        }
        parts.squared_error /= f64::max(folds, 1.0);
        parts
    }
}

impl Repetition {
    fn check(&self, n_units: usize, n_folds: usize) {
        let lengths = [self.fold.len(), self.outer.len()];
        assert!(lengths.iter().all(|&n| n == n_units), "a fold, a loss and a class for each unit");
        assert_eq!(self.inner.len(), n_folds, "the same number of folds in each repetition");
        assert!(self.inner.iter().all(|row| row.len() == n_units), "an inner loss for each unit");
        assert!(self.fold.iter().all(|&fold| (fold as usize) < n_folds), "an inner row for each fold");
    }

    /// Whether every loss that is asked for is a number.
    fn is_complete(&self) -> bool {
        let of_row = |(fold, row): (usize, &Vec<f64>)| {
            row.iter().zip(&self.fold).all(|(loss, &own)| own as usize == fold || loss.is_finite())
        };
        self.outer.iter().all(|loss| loss.is_finite()) && self.inner.iter().enumerate().all(of_row)
    }
}

/// Units by class; no class is empty.
struct Strata {
    classes: Vec<u32>,
    units: Vec<Vec<usize>>,
}

impl Strata {
    fn of(class_of_unit: &[u32]) -> Strata {
        let mut classes = class_of_unit.to_vec();
        classes.sort_unstable();
        classes.dedup();
        let of =
            |class: &u32| (0..class_of_unit.len()).filter(|&unit| class_of_unit[unit] == *class).collect();
        Strata { units: classes.iter().map(of).collect(), classes }
    }

    fn n_units(&self) -> usize {
        self.units.iter().map(Vec::len).sum()
    }

    /// The units that `keep` says, classes without any left out.
    fn only(&self, keep: impl Fn(usize) -> bool) -> Strata {
        let kept = |(&class, units): (&u32, &Vec<usize>)| {
            let units: Vec<usize> = units.iter().copied().filter(|&unit| keep(unit)).collect();
            (!units.is_empty()).then_some((class, units))
        };
        let (classes, units) = self.classes.iter().zip(&self.units).filter_map(kept).unzip();
        Strata { classes, units }
    }

    /// Those of `all` that are of a class of these units and that `keep` says.
    fn same_classes(&self, all: &Strata, keep: impl Fn(usize) -> bool) -> Strata {
        let own = all.classes.iter().zip(&all.units).filter(|(class, _)| self.classes.contains(class));
        let (classes, units) = own.map(|(&class, units)| (class, units.clone())).unzip();
        Strata { classes, units }.only(keep)
    }

    /// Mean over the classes of the mean over their units.
    fn mean(&self, loss: impl Fn(usize) -> Option<f64>) -> f64 {
        let of_class = |units: &Vec<usize>| {
            let losses: Vec<f64> = units.iter().filter_map(|&unit| loss(unit)).collect();
            losses.iter().sum::<f64>() / losses.len() as f64
        };
        self.units.iter().map(of_class).sum::<f64>() / self.units.len() as f64
    }

    /// Variance of the losses within each class (n_classes); NaN for a single unit.
    fn variances(&self, losses: &[f64]) -> Vec<f64> {
        let of_class = |units: &Vec<usize>| {
            let n = units.len() as f64;
            let mean = units.iter().map(|&unit| losses[unit]).sum::<f64>() / n;
            units.iter().map(|&unit| (losses[unit] - mean).powi(2)).sum::<f64>() / (n - 1.0)
        };
        self.units.iter().map(of_class).collect()
    }

    /// The same, a single unit taking its class's variance among `all` units.
    fn variances_or(&self, losses: &[f64], all: &Strata, of_all: &[f64]) -> Vec<f64> {
        let mut variances = self.variances(losses);
        for ((variance, class), units) in variances.iter_mut().zip(&self.classes).zip(&self.units) {
            let among_all = all.classes.iter().position(|other| other == class);
            if let (1, Some(class)) = (units.len(), among_all) {
                *variance = of_all[class];
            }
        }
        variances
    }

    /// Variance of [`Strata::mean`], from the classes' variances.
    fn variance_of_mean(&self, variances: &[f64]) -> f64 {
        let sum: f64 = self.units.iter().zip(variances).map(|(units, v)| v / units.len() as f64).sum();
        sum / (self.units.len() as f64).powi(2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Six units in three folds of two; inner losses as the outer ones.
    fn repetition(outer: [f64; 6]) -> Repetition {
        let fold = vec![0, 0, 1, 1, 2, 2];
        let row =
            |f: u32| fold.iter().zip(outer).map(|(&own, l)| if own == f { f64::NAN } else { l }).collect();
        Repetition { inner: (0..3).map(row).collect(), outer: outer.to_vec(), fold }
    }

    #[test]
    fn a_steady_pipeline_has_the_naive_error() {
        // fold means 0.5 each, so nothing beyond the units' own variance: 6 · 0.25 / 5 = 0.3
        let found = nested_interval(&[repetition([0.0, 1.0, 1.0, 0.0, 0.0, 1.0])], 0.95).expect("six units");
        assert_eq!(found.error, 0.5);
        assert!((found.standard_error - (0.3f64 / 6.0).sqrt()).abs() < 1e-12);
        let reach = 2.570_581_8 * found.standard_error;
        assert!((found.low - (0.5 - reach).max(0.0)).abs() < 1e-6);
        assert!((found.high - (0.5 + reach).min(1.0)).abs() < 1e-6);
    }

    #[test]
    fn folds_that_differ_widen_the_interval_up_to_its_limit() {
        // each fold's own losses agree (variance 0) while folds differ: MSE = mean of (rest − own)²
        let found = nested_interval(&[repetition([0.4, 0.4, 0.5, 0.5, 0.6, 0.6])], 0.95).expect("six units");
        let naive = 0.04f64 / 5.0 / 6.0;
        let expected = (0.15f64.powi(2) * 2.0 / 3.0) * 2.0 / 3.0;
        assert!(expected > MOST * naive, "beyond the limit");
        assert!((found.standard_error - (MOST * naive).sqrt()).abs() < 1e-12);
    }

    #[test]
    fn what_repetitions_differ_by_is_taken_off() {
        // two repetitions whose units lose the opposite: their mean is 0.5 for every unit, surely
        let one = repetition([0.0, 1.0, 1.0, 0.0, 0.0, 1.0]);
        let other = repetition([1.0, 0.0, 0.0, 1.0, 1.0, 0.0]);
        let found = nested_interval(&[one.clone(), other], 0.95).expect("six units");
        // a quarter of one repetition's variance, 0.3 / 6, is left
        assert!((found.standard_error - (0.25f64 * 0.3 / 6.0).sqrt()).abs() < 1e-12);
        // a repetition in which all lose by 0.2 more: means 0.5 and 0.7 differ from 0.6 by 0.1
        let mut more = one.clone();
        more.outer.iter_mut().for_each(|loss| *loss = 0.2 + 0.8 * *loss);
        more.inner.iter_mut().flatten().for_each(|loss| *loss = 0.2 + 0.8 * *loss);
        let found = nested_interval(&[one, more], 0.95).expect("six units");
        let (naive, averaged) = ((0.05 + 0.64 * 0.05) / 2.0, 0.81 * 0.05f64);
        let least = averaged + 0.25 * (naive - averaged);
        assert!((found.error - 0.55).abs() < 1e-12);
        assert!((found.standard_error - least.sqrt()).abs() < 1e-12);
    }

    #[test]
    fn classes_weigh_the_same_however_many_units_they_have() {
        let r = repetition([0.1, 0.9, 0.3, 0.9, 0.2, 0.2]);
        let found = nested_interval_by_class(&[r], &[7, 9, 7, 9, 7, 7], 0.95).expect("two classes");
        assert!((found.error - (0.2 + 0.9) / 2.0).abs() < 1e-12);
        // class 7 varies by 0.02 / 3 among four units, class 9 not at all
        assert!(found.standard_error >= (0.02f64 / 3.0 / 4.0 / 4.0).sqrt() - 1e-12);
    }

    #[test]
    fn too_little_is_none() {
        assert_eq!(nested_interval(&[], 0.95), None);
        let two = Repetition { fold: vec![0, 1], outer: vec![0.5; 2], inner: vec![vec![0.5; 2]; 3] };
        assert_eq!(nested_interval(&[two], 0.95), None);
        let six = repetition([0.5; 6]);
        assert_eq!(nested_interval_by_class(std::slice::from_ref(&six), &[0, 0, 0, 0, 0, 1], 0.95), None);
        assert!(nested_interval(std::slice::from_ref(&six), 0.95).is_some());
        let mut broken = six;
        broken.inner[0][5] = f64::NAN;
        assert_eq!(nested_interval(&[broken], 0.95), None, "that unit is not of that fold");
    }
}
