//! One level for several questions at once, and one level for several intervals that are quoted together.

use super::{MaxT, student_quantile};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// p of one result among those of several families, each tested by max-T over its own statistics.
///
/// The smallest of the families' p would come out at most this small in this share of cases if there were nothing in
/// any family: 1 − (1 − p)·Π(1 − F(p)) over the `others`, where F(p) is the share of a family's assignments whose p is
/// at most p. Exact for independent families, conservative for positively dependent ones (Šidák 1967), such as
/// comparisons that share a condition.
pub fn joint_p(p: f64, others: &[&MaxT]) -> f64 {
    let none = others.iter().map(|family| 1.0 - share_at_most(&family.maxima, p)).product::<f64>();
    p + (1.0 - p) * (1.0 - none)
}

/// Share of the assignments whose own p, by their maxima, is at most p.
fn share_at_most(maxima: &[f64], p: f64) -> f64 {
    let mut falling = maxima.to_vec();
    falling.sort_by(|a, b| b.total_cmp(a));
    let n = falling.len() as f64;
    let mut reached = 0;
    // those that are equal have the same p: the share that reaches them
    for equal in falling.chunk_by(|a, b| a == b) {
        if (reached + equal.len()) as f64 / n > p * (1.0 + 1e-12) {
            break;
        }
        reached += equal.len();
    }
    reached as f64 / n
}

/// How many deviations wide several intervals are, to hold all of their truths together.
///
/// `losses`: what each unit adds to the mean that an interval is about (n_intervals × n_units), each row's mean taken
/// off; rows may be scaled. The quantile of the largest |t| of a multivariate t with the rows' correlations and so many
/// `degrees`, by multiplying units with normal numbers, 4,000 times; at least Student's, at most Bonferroni's. Rows
/// that do not vary need no room.
///
/// # Panics
/// When rows differ in length, or `level` or `degrees` are out of range.
pub fn simultaneous_quantile(losses: &[Vec<f64>], level: f64, degrees: f64, seed: u64) -> f64 {
    let single = student_quantile(0.5 + level / 2.0, degrees);
    let n_units = losses.first().map_or(0, Vec::len);
    assert!(losses.iter().all(|row| row.len() == n_units), "as many units of each interval");
    let scaled = |row: &Vec<f64>| {
        let length = row.iter().map(|d| d * d).sum::<f64>().sqrt();
        (length > 1e-12).then(|| row.iter().map(|d| d / length).collect::<Vec<f64>>())
    };
    let rows: Vec<Vec<f64>> = losses.iter().filter_map(scaled).collect();
    if rows.len() < 2 {
        return single;
    }
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut largest: Vec<f64> = (0..DRAWS)
        .map(|_| {
            let weights = normals(n_units, &mut rng);
            let squares: f64 = normals(degrees as usize, &mut rng).iter().map(|z| z * z).sum();
            let of_row = |row: &Vec<f64>| row.iter().zip(&weights).map(|(d, w)| d * w).sum::<f64>().abs();
            rows.iter().map(of_row).fold(0.0, f64::max) / (squares / degrees).sqrt()
        })
        .collect();
    largest.sort_by(f64::total_cmp);
    let bonferroni = student_quantile(1.0 - (1.0 - level) / 2.0 / rows.len() as f64, degrees);
    largest[((DRAWS as f64 * level) as usize).min(DRAWS - 1)].clamp(single, bonferroni)
}

const DRAWS: usize = 4000;

/// Standard normal numbers, by Box and Muller.
fn normals(n: usize, rng: &mut ChaCha8Rng) -> Vec<f64> {
    let mut found = Vec::with_capacity(n + 1);
    while found.len() < n {
        let (u, v): (f64, f64) = (rng.random(), rng.random());
        let radius = (-2.0 * (1.0 - u).ln()).sqrt();
        found
            .extend([radius * (std::f64::consts::TAU * v).cos(), radius * (std::f64::consts::TAU * v).sin()]);
    }
    found.truncate(n);
    found
}

#[cfg(test)]
mod tests {
    use super::super::max_t;
    use super::*;

    fn family(n: usize) -> MaxT {
        max_t(&(0..n).map(|i| vec![(n - i) as f64]).collect::<Vec<_>>(), false)
    }

    #[test]
    fn one_family_keeps_its_p_and_others_raise_it() {
        assert_eq!(joint_p(0.05, &[]), 0.05);
        let other = family(100);
        let expected = 1.0 - 0.95 * 0.95;
        assert!((joint_p(0.05, &[&other]) - expected).abs() < 1e-12);
        // a family of ten assignments cannot come below a tenth
        assert_eq!(joint_p(0.05, &[&family(10)]), 0.05);
    }

    #[test]
    fn assignments_that_are_equal_count_together() {
        // two of four share the largest value: nothing in this family can come below one half
        let ties = max_t(&[vec![2.0], vec![2.0], vec![1.0], vec![0.0]], true);
        assert_eq!(joint_p(0.25, &[&ties]), 0.25);
        assert!((joint_p(0.5, &[&ties]) - 0.75).abs() < 1e-12);
    }

    #[test]
    fn intervals_that_say_the_same_need_no_more_room() {
        let row: Vec<f64> = (0..24).map(|unit| f64::from(unit % 5) - 1.95).collect();
        let same = simultaneous_quantile(&[row.clone(), row.clone(), row], 0.95, 23.0, 1);
        assert!((same - 2.069).abs() < 0.15, "{same}");
    }

    #[test]
    fn independent_intervals_need_what_bonferroni_says() {
        let rows: Vec<Vec<f64>> =
            (0..4).map(|row| (0..24).map(|unit| f64::from(u8::from(unit % 4 == row))).collect()).collect();
        let wide = simultaneous_quantile(&rows, 0.95, 23.0, 1);
        let bonferroni = student_quantile(1.0 - 0.05 / 8.0, 23.0);
        assert!(wide > 2.5 && wide <= bonferroni, "{wide}, Bonferroni {bonferroni}");
    }

    #[test]
    fn an_interval_without_spread_needs_no_room() {
        let row: Vec<f64> = (0..24).map(|unit| f64::from(unit % 2) - 0.5).collect();
        let found = simultaneous_quantile(&[row, vec![0.0; 24]], 0.95, 23.0, 1);
        assert!((found - 2.069).abs() < 1e-3);
    }
}
