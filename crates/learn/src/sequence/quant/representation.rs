//! What of a series QUANT looks at.

use super::fourier::Fourier;

/// The series, its first difference smoothed, its second difference, and the size of its Fourier transform.
pub(super) const FORMS: usize = 4;

/// Values that a smoothed difference is the mean of.
const SMOOTHED: usize = 5;

/// Room for the representations of one series after another.
pub(super) struct Representations {
    first: Vec<f64>,
    smoothed: Vec<f64>,
    second: Vec<f64>,
    sizes: Vec<f64>,
}

impl Representations {
    /// For series of so many steps, three or more.
    pub(super) fn new(n_steps: usize) -> Representations {
        Representations {
            first: vec![0.0; n_steps - 1],
            smoothed: vec![0.0; n_steps - 1],
            second: vec![0.0; n_steps - 2],
            sizes: vec![0.0; n_steps / 2 + 1],
        }
    }

    /// The representations of a series, one after another.
    pub(super) fn of<'a>(
        &'a mut self,
        series: &'a [f64],
        fourier: &Fourier,
    ) -> impl Iterator<Item = &'a [f64]> + use<'a> {
        difference(series, &mut self.first);
        difference(&self.first, &mut self.second);
        smooth(&self.first, &mut self.smoothed);
        fourier.sizes(series, &mut self.sizes);
        [series, &self.smoothed[..], &self.second[..], &self.sizes[..]].into_iter()
    }
}

/// Each value less the one before it.
fn difference(values: &[f64], to: &mut [f64]) {
    to.iter_mut().zip(values.windows(2)).for_each(|(to, pair)| *to = pair[1] - pair[0]);
}

/// The mean of each value with two on either side; the first and the last value stand for those beyond them.
fn smooth(values: &[f64], to: &mut [f64]) {
    let half = (SMOOTHED / 2) as isize;
    let last = values.len() as isize - 1;
    for (i, to) in (0..).zip(to) {
        let near = (i - half..=i + half).map(|j: isize| values[j.clamp(0, last) as usize]);
        *to = near.sum::<f64>() / SMOOTHED as f64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn representations_are_those_by_hand() {
        let series = [1.0, 3.0, 2.0, 2.0, 12.0];
        let mut room = Representations::new(5);
        let fourier = Fourier::new(5);
        let all: Vec<Vec<f64>> = room.of(&series, &fourier).map(<[f64]>::to_vec).collect();
        assert_eq!(all[0], series);
        // differences 2, −1, 0, 10; with 2 and 10 going on beyond them
        assert_eq!(all[1], [1.0, 2.6, 4.2, 5.8]);
        assert_eq!(all[2], [-3.0, 1.0, 10.0]);
        assert_eq!((all[3].len(), all[3][0]), (3, 20.0));
    }
}
