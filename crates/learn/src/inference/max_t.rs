//! One p-value for many statistics looked at together.
//!
//! Source: METHOD §4; Westfall and Young, "Resampling-based multiple testing", 1993 (max-T).

/// What the statistics say together and one by one.
#[derive(Debug, Clone, PartialEq)]
pub struct MaxT {
    /// p of the largest statistic, for all of them together. Range: 1/(B + 1) to 1.
    pub p: f64,
    /// The true assignment's statistics (n_statistics), scaled as they were compared.
    pub observed: Vec<f64>,
    /// p of each statistic as if it were the only one (n_statistics).
    pub p_single: Vec<f64>,
    /// The largest scaled statistic of each assignment (B + 1); `[0]` is the true one's.
    pub maxima: Vec<f64>,
    /// Whether p is exact: all assignments were compared, none drawn.
    pub exhaustive: bool,
}

impl MaxT {
    /// p of one of the true assignment's statistics: the share of assignments whose largest is at least as large.
    pub fn p_of(&self, statistic: f64) -> f64 {
        let bar = statistic - TIE * statistic.abs().max(1.0);
        self.maxima.iter().filter(|&&maximum| maximum >= bar).count() as f64 / self.maxima.len() as f64
    }
}

/// Compares the true assignment's best statistic with the best under every other assignment, each studentised: [`max_t_scaled`] with power 1.
///
/// # Panics
/// As [`max_t_scaled`].
pub fn max_t(statistics: &[Vec<f64>], exhaustive: bool) -> MaxT {
    max_t_scaled(statistics, 1.0, exhaustive)
}

/// Compares the true assignment's best statistic with the best under every other assignment.
///
/// `statistics`: (B + 1 × n_statistics), row 0 the true assignment's, larger meaning more leakage. Of each column the mean of all its
/// values is taken off, and it is divided by their deviation to the `power`; one that never changes is 0. With power 1 all columns are
/// alike by chance; with less, those that vary more count for more, which is for statistics of one unit alone.
/// p = (1 + #{b ≥ 1: M_b ≥ M_0}) / (B + 1), which is also the share of all assignments, the true one
/// included, where they are all there: valid with any power, since the scale is that of all assignments together. Without columns every p is 1.
///
/// # Panics
/// When there is no row, rows differ in length, or a statistic is not finite.
pub fn max_t_scaled(statistics: &[Vec<f64>], power: f64, exhaustive: bool) -> MaxT {
    let n_statistics = statistics.first().expect("the true assignment's statistics").len();
    assert!(statistics.iter().all(|row| row.len() == n_statistics), "as many statistics of each assignment");
    assert!(statistics.iter().flatten().all(|t| t.is_finite()), "finite statistics");
    let mut maxima = vec![f64::NEG_INFINITY; statistics.len()];
    let (mut observed, mut p_single) = (Vec::new(), Vec::new());
    for column in 0..n_statistics {
        let t = scaled(statistics.iter().map(|row| row[column]).collect(), power);
        observed.push(t[0]);
        p_single.push(share_as_large(&t));
        maxima.iter_mut().zip(&t).for_each(|(max, &t)| *max = max.max(t));
    }
    if n_statistics == 0 {
        maxima.fill(0.0);
    }
    MaxT { p: share_as_large(&maxima), observed, p_single, maxima, exhaustive }
}

/// Distance from the mean by the deviation to a power; all 0 where the values differ by rounding alone.
fn scaled(values: Vec<f64>, power: f64) -> Vec<f64> {
    let (low, high) =
        values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), &v| (l.min(v), h.max(v)));
    if high - low <= TIE * low.abs().max(high.abs()) {
        return vec![0.0; values.len()];
    }
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let deviation = (values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n).sqrt();
    let scale = if power == 1.0 { deviation } else { deviation.powf(power) };
    values.iter().map(|v| (v - mean) / scale).collect()
}

/// Share of the values that are at least the first, itself included.
fn share_as_large(values: &[f64]) -> f64 {
    let bar = values[0] - TIE * values[0].abs().max(1.0);
    values.iter().filter(|&&value| value >= bar).count() as f64 / values.len() as f64
}

/// Statistics this close, relatively, are the same one summed in another order: they count as equal, since
/// a tie that rounding breaks in favour of the true assignment would make p too small.
const TIE: f64 = 1e-12;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p_counts_the_assignments_at_least_as_large() {
        let found = max_t(&[vec![3.0], vec![1.0], vec![3.0], vec![5.0]], true);
        assert_eq!((found.p, found.p_single.as_slice()), (0.75, [0.75].as_slice()));
        // mean 3, squared distances 0, 4, 0, 4: deviation √2
        assert_eq!(found.observed, [0.0]);
        assert!((found.maxima[3] - 2f64.sqrt()).abs() < 1e-15);
    }

    #[test]
    fn with_a_smaller_power_what_varies_more_counts_for_more() {
        // deviations 1 and 2: studentised both are largest at 1, as they are only the second exceeds
        let rows = [vec![1.0, 2.0], vec![-1.0, -2.0]];
        assert_eq!(max_t_scaled(&rows, 1.0, true).observed, [1.0, 1.0]);
        assert_eq!(max_t_scaled(&rows, 0.0, true).observed, [1.0, 2.0]);
        assert!((max_t_scaled(&rows, 0.5, true).observed[1] - 2f64.sqrt()).abs() < 1e-15);
    }

    #[test]
    fn a_second_look_costs_what_it_should() {
        // the first statistic alone is the largest of four; the second is as extreme elsewhere
        let found = max_t(&[vec![1.0, 0.0], vec![0.0, 1.0], vec![0.0, 0.0], vec![0.0, 0.0]], true);
        assert_eq!(found.p_single, [0.25, 1.0]);
        assert_eq!(found.p, 0.5);
    }

    #[test]
    fn equal_statistics_summed_in_another_order_are_equal() {
        let (a, b) = (0.1 + 0.2 + 0.3, 0.3 + 0.2 + 0.1);
        assert_ne!(a, b);
        assert_eq!(max_t(&[vec![a], vec![b], vec![0.0], vec![0.1]], true).p, 0.5);
        assert_eq!(max_t(&[vec![a], vec![b]], true).observed, [0.0], "a constant one says nothing");
    }

    #[test]
    fn what_never_changes_says_nothing() {
        let found = max_t(&[vec![0.7], vec![0.7]], false);
        assert_eq!((found.p, found.observed), (1.0, vec![0.0]));
        assert_eq!(max_t(&[vec![], vec![]], true).p, 1.0);
    }
}
