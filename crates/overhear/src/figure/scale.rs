//! Scales: from a value to a place on the panel, and where the ticks and labels go.

/// A straight mapping from values to places.
#[derive(Debug, Clone, Copy)]
pub struct Scale {
    from: (f64, f64),
    to: (f64, f64),
    log: bool,
}

impl Scale {
    /// A linear scale; an empty range of values is widened, so that dividing by it is safe.
    pub fn linear(from: (f64, f64), to: (f64, f64)) -> Scale {
        let (low, mut high) = if from.0.is_finite() && from.1.is_finite() { from } else { (0.0, 1.0) };
        if high <= low {
            high = low + 1.0;
        }
        Scale { from: (low, high), to, log: false }
    }

    /// A logarithmic scale over positive values.
    pub fn log(from: (f64, f64), to: (f64, f64)) -> Scale {
        let low = if from.0 > 0.0 && from.0.is_finite() { from.0 } else { 1.0 };
        let high = if from.1 > low && from.1.is_finite() { from.1 } else { low * 10.0 };
        Scale { from: (low.ln(), high.ln()), to, log: true }
    }

    /// Where `value` stands.
    pub fn at(&self, value: f64) -> f64 {
        let value = if self.log { value.max(f64::MIN_POSITIVE).ln() } else { value };
        let share = (value - self.from.0) / (self.from.1 - self.from.0);
        self.to.0 + share * (self.to.1 - self.to.0)
    }
}

/// Round ticks within `low` to `high`: about `count` of them, 1, 2 or 5 times a power of ten apart.
pub fn ticks(low: f64, high: f64, count: usize) -> Vec<f64> {
    if high <= low || !(high - low).is_finite() {
        return vec![low];
    }
    let step = step((high - low) / count.max(1) as f64);
    let first = (low / step - 1e-9).ceil() as i64;
    let last = (high / step + 1e-9).floor() as i64;
    (first..=last.min(first + 100)).map(|k| k as f64 * step).collect()
}

/// The smallest 1, 2 or 5 times a power of ten that is at least `rough`.
pub fn step(rough: f64) -> f64 {
    let power = 10f64.powf(rough.log10().floor());
    let factor = [1.0, 2.0, 5.0, 10.0].into_iter().find(|f| f * power >= rough * 0.999).unwrap_or(10.0);
    factor * power
}

/// Decimals that tell ticks `step` apart from each other.
pub fn decimals_of_step(step: f64) -> usize {
    (-(step.log10() + 1e-9).floor()).clamp(0.0, 6.0) as usize
}

/// Which labels have room: the ends always, the others from the left where `gap` is left free on both sides.
pub fn thinned(places: &[f64], widths: &[f64], gap: f64) -> Vec<bool> {
    let end = places.len().saturating_sub(1);
    let free = |a: usize, b: usize| places[b] - places[a] >= (widths[a] + widths[b]) / 2.0 + gap;
    let mut last = 0;
    (0..places.len())
        .map(|k| {
            let shown = k == 0 || k == end || (free(last, k) && free(k, end));
            if shown {
                last = k;
            }
            shown
        })
        .collect()
}

/// Moves labels apart so that neighbours are at least `gap` from each other, as little as possible
/// in all (isotonic regression), within `low` to `high` where that has room.
pub fn spread(wanted: &[f64], gap: f64, low: f64, high: f64) -> Vec<f64> {
    let mut order: Vec<usize> = (0..wanted.len()).collect();
    order.sort_by(|&a, &b| wanted[a].total_cmp(&wanted[b]));
    // With k gaps taken out of the k-th label, "gap apart" becomes "not falling".
    let mut pools: Vec<(f64, usize)> = Vec::new();
    for (k, &index) in order.iter().enumerate() {
        let mut pool = (wanted[index] - k as f64 * gap, 1);
        while let Some(&(mean, count)) = pools.last() {
            if mean <= pool.0 {
                break;
            }
            let total = count + pool.1;
            pool = ((mean * count as f64 + pool.0 * pool.1 as f64) / total as f64, total);
            pools.pop();
        }
        pools.push(pool);
    }
    let top = (high - wanted.len().saturating_sub(1) as f64 * gap).max(low);
    let mut places = vec![0.0; wanted.len()];
    let flat = pools.iter().flat_map(|&(mean, count)| std::iter::repeat_n(mean, count));
    for (k, (place, &index)) in flat.zip(&order).enumerate() {
        places[index] = place.clamp(low, top) + k as f64 * gap;
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_inside() {
        let found = ticks(0.5, 1.0, 5);
        let expected = [0.5, 0.6, 0.7, 0.8, 0.9, 1.0];
        assert_eq!(found.len(), expected.len());
        assert!(found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-12));
        assert_eq!(ticks(3.0, 3.0, 4), [3.0]);
    }

    #[test]
    fn labels_end_up_apart_and_in_range() {
        let places = spread(&[10.0, 10.0, 11.0, 50.0], 5.0, 0.0, 60.0);
        let mut sorted = places.clone();
        sorted.sort_by(f64::total_cmp);
        assert!(sorted.windows(2).all(|w| w[1] - w[0] >= 5.0 - 1e-9), "{places:?}");
        assert_eq!(places[3], 50.0);
        assert!(spread(&[59.0, 60.0], 5.0, 0.0, 60.0).iter().all(|&y| y <= 60.0));
    }

    #[test]
    fn crowded_labels_are_left_out_but_never_the_ends() {
        assert_eq!(thinned(&[0.0, 5.0, 40.0, 80.0], &[20.0; 4], 4.0), [true, false, true, true]);
    }
}
