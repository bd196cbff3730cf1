//! The family of transforms: series in time become rows of features, which a learner of the register then learns.
//!
//! Every member promises: labels are never seen; what is fitted is fitted to the rows named, whatever the others hold;
//! the same seed gives the same bits on any number of threads; features are finite.
//!
//! ```
//! use overhear_learn::sequence::{Series, find};
//!
//! // two series of four channels and twelve steps
//! let series = Series::new(4, 12, (0..96).map(|i| f64::from(i * 7 % 5)).collect())?;
//! let entry = find("minirocket")?;
//! let fitted = (entry.default)().fit(&series, &[0, 1], 1)?;
//! assert_eq!(fitted.transform(&series)?.n_columns(), 9996);
//! assert_eq!(entry.learner().name(), "ridge");
//! # Ok::<(), overhear_learn::Error>(())
//! ```

use crate::learner::{Configured, has_threads};
use crate::{Error, Matrix};
use rayon::prelude::*;
use std::ops::Range;

pub mod cumul;
pub mod minirocket;
pub mod quant;

#[cfg(test)]
mod recorded;

/// Series of one length in one or several channels (n_series × n_channels × n_steps), finite numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    n_channels: usize,
    n_steps: usize,
    values: Vec<f64>,
}

impl Series {
    /// Series after series, in each channel after channel, in each step after step.
    ///
    /// # Errors
    /// [`Error::SeriesShape`] where there are no steps or the numbers make no whole series,
    /// [`Error::SeriesNotFinite`] where a value is NaN or infinite.
    pub fn new(n_channels: usize, n_steps: usize, values: Vec<f64>) -> Result<Series, Error> {
        let of_one = n_channels * n_steps;
        if of_one == 0 || !values.len().is_multiple_of(of_one) {
            return Err(Error::SeriesShape { found: values.len(), channels: n_channels, steps: n_steps });
        }
        match values.iter().position(|v| !v.is_finite()) {
            Some(at) => Err(Error::SeriesNotFinite {
                series: at / of_one,
                channel: at % of_one / n_steps,
                step: at % n_steps,
                value: values[at],
            }),
            None => Ok(Series { n_channels, n_steps, values }),
        }
    }

    /// How many series.
    pub fn n_series(&self) -> usize {
        self.values.len() / (self.n_channels * self.n_steps)
    }

    /// How many channels a series has, one or more.
    pub fn n_channels(&self) -> usize {
        self.n_channels
    }

    /// How many steps a channel has, one or more.
    pub fn n_steps(&self) -> usize {
        self.n_steps
    }

    /// The channels of one series, one after another (n_channels × n_steps).
    ///
    /// # Panics
    /// When there is no such series.
    pub fn one(&self, series: usize) -> &[f64] {
        let n = self.n_channels * self.n_steps;
        &self.values[series * n..(series + 1) * n]
    }
}

/// A transform's settings.
pub trait Transform: Send + Sync {
    /// The register's name for it, as in `minirocket`.
    fn name(&self) -> &'static str;

    /// Fits to some of the series, by their numbers; draws what is drawn from the seed.
    ///
    /// # Errors
    /// [`Error::NoRows`] without rows, [`Error::SeriesTooShort`] and [`Error::SeriesChannels`] where the transform
    /// needs others.
    ///
    /// # Panics
    /// When there is no series of such a number.
    fn fit(&self, series: &Series, rows: &[u32], seed: u64) -> Result<Box<dyn Fitted>, Error>;
}

/// A fitted transform.
pub trait Fitted: Send + Sync {
    /// How many features it makes of a series.
    fn n_features(&self) -> usize;

    /// The features of all series (n_series × n_features).
    ///
    /// # Errors
    /// [`Error::SeriesUnlikeFitted`] where the series have other channels or steps than those it was fitted to,
    /// [`Error::NotFinite`] where values are so large that a feature is beyond the numbers.
    fn transform(&self, series: &Series) -> Result<Matrix, Error>;
}

/// One line of the register. Each stands in its transform's file.
pub struct TransformEntry {
    /// Permanent name.
    pub name: &'static str,
    /// What a reader calls it, together with its learner.
    pub label: &'static str,
    /// What it is, in a few words.
    pub about: &'static str,
    /// Settings as docs/learners.md has them.
    pub default: fn() -> Box<dyn Transform>,
    /// The learner that its features go to, by name and settings; see [`TransformEntry::learner`].
    followed_by: (&'static str, &'static [(&'static str, &'static str)]),
    /// Whether the learner gets a [`crate::Scaler`] fitted to the training rows; else the identity.
    pub scale: bool,
}

impl TransformEntry {
    /// The learner that the transform's features go to.
    ///
    /// # Panics
    /// When the register of learners lacks it; a test tries every entry.
    pub fn learner(&self) -> Configured {
        let (name, settings) = self.followed_by;
        let settings: Vec<(String, String)> =
            settings.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect();
        Configured::new(name, &settings).expect("a learner of the register with settings of its own")
    }
}

/// The register: every transform, in the order reports show them.
pub const TRANSFORMS: &[TransformEntry] = &[cumul::ENTRY, minirocket::ENTRY, quant::ENTRY];

/// Finds a transform by its permanent name.
///
/// # Errors
/// [`Error::UnknownTransform`] names those there are.
pub fn find(name: &str) -> Result<&'static TransformEntry, Error> {
    TRANSFORMS.iter().find(|entry| entry.name == name).ok_or_else(|| Error::UnknownTransform {
        name: name.to_owned(),
        known: TRANSFORMS.iter().map(|entry| entry.name).collect::<Vec<_>>().join(", "),
    })
}

/// The form of the series that a transform was fitted to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Form {
    n_channels: usize,
    n_steps: usize,
}

impl Form {
    fn of(series: &Series) -> Form {
        Form { n_channels: series.n_channels, n_steps: series.n_steps }
    }

    /// # Errors
    /// [`Error::SeriesUnlikeFitted`] where the series are of another form.
    fn check(self, series: &Series) -> Result<(), Error> {
        if self == Form::of(series) {
            return Ok(());
        }
        Err(Error::SeriesUnlikeFitted {
            channels: series.n_channels,
            steps: series.n_steps,
            fitted_channels: self.n_channels,
            fitted_steps: self.n_steps,
        })
    }
}

/// # Errors
/// [`Error::NoRows`] without rows, [`Error::SeriesTooShort`] where series have fewer steps than `least`.
fn check_training(transform: &'static str, series: &Series, rows: &[u32], least: usize) -> Result<(), Error> {
    if rows.is_empty() {
        return Err(Error::NoRows);
    }
    if series.n_steps < least {
        return Err(Error::SeriesTooShort { transform, steps: series.n_steps, least });
    }
    Ok(())
}

/// The matrix of features that `fill` writes: of one part of them, for a few series at a time, which are given by their
/// numbers, series after series (n × features of the part). Parts are spread over all threads where these are free.
///
/// # Errors
/// [`Error::NotFinite`] where a feature is NaN or infinite.
fn tabulate(
    n_series: usize,
    parts: &[usize],
    fill: impl Fn(usize, Range<usize>, &mut [f64]) + Sync,
) -> Result<Matrix, Error> {
    let n_features = parts.iter().sum();
    let mut values = vec![0.0; n_series * n_features];
    let mut jobs = Vec::with_capacity(parts.len());
    let (mut rest, mut first) = (&mut values[..], 0);
    for (part, &n) in parts.iter().enumerate() {
        let (columns, others) = rest.split_at_mut(n * n_series);
        jobs.push((part, first, columns));
        (rest, first) = (others, first + n);
    }
    let one = |(part, first, columns): (usize, usize, &mut [f64])| {
        let n = parts[part];
        // as many series as have room near: a column is then written in stretches
        let few = (ROOM / n.max(1)).max(FEW);
        let mut rows = Vec::new();
        for start in (0..n_series).step_by(few) {
            let numbers = start..n_series.min(start + few);
            rows.resize(numbers.len() * n, 0.0);
            fill(part, numbers.clone(), &mut rows);
            check_finite(&rows, n, [start, first])?;
            for (j, column) in columns.chunks_exact_mut(n_series).enumerate() {
                // neighbouring columns' cells share cache lines
                let cells = rows[j..].iter().step_by(n);
                column[numbers.clone()].iter_mut().zip(cells).for_each(|(to, cell)| *to = *cell);
            }
        }
        Ok(())
    };
    if has_threads() {
        jobs.into_par_iter().map(one).collect::<Result<(), Error>>()?;
    } else {
        jobs.into_iter().try_for_each(one)?;
    }
    Ok(Matrix::of_finite(n_series, n_features, values))
}

/// Numbers that have room near the processor.
const ROOM: usize = 1 << 15;
/// Series at least whose features are written together: a cache line holds eight.
const FEW: usize = 8;

/// # Errors
/// [`Error::NotFinite`] where one of some rows' numbers (each n) is NaN or infinite, with the first row and column added.
fn check_finite(rows: &[f64], n: usize, [row, column]: [usize; 2]) -> Result<(), Error> {
    // a stretch at a time without a branch, which is several times as fast as to look for the first
    let is_finite = |stretch: &[f64]| stretch.iter().fold(true, |all, v| all & v.is_finite());
    if rows.chunks(1024).all(is_finite) {
        return Ok(());
    }
    let at = rows.iter().position(|v| !v.is_finite()).unwrap_or(0);
    Err(Error::NotFinite { row: row + at / n, column: column + at % n, value: rows[at] })
}
