//! The family of planted leaks: each moves one property of a device's traffic by a dose, and as little else as can be.
//!
//! Every member promises what a [`Change`] does, and: a dose of 0 changes nothing (where it does, the member says so:
//! [`Entry::reference`]); lengths stay within what headers and Ethernet hold; what it adds are packets to and from the
//! far end that the device talks to most, so that every observer sees them; it adds at most [`MOST_ADDED`] packets a
//! round, none before the device's first, and none into a silence of more than a day.
//!
//! Where nobody knows which packets the device sends ([`Device::Any`]) nothing is planted.
//! Source: docs/generator.md, "Planted leaks".

mod adding;
mod altering;
mod burst;
mod direction;
mod endpoint;
mod mixture;
mod order;
mod phase;
mod rare;
mod upload;
mod variance;

pub use adding::MOST_ADDED;
pub use order::MOST_HELD;

use crate::Error;
use crate::random::Random;
use overhear_traffic::change::{Change, Changes};
use overhear_traffic::packet::Device;
use std::fmt;
use std::str::FromStr;

/// Makes the register: the members, in the order in which help and reports list them.
macro_rules! register {
    ($($entry:path,)*) => {
        /// The register.
        pub static PLANTS: [&Entry; [$(stringify!($entry),)*].len()] = [$(&$entry,)*];
    };
}

register! {
    upload::ENTRY,
    mixture::ENTRY,
    direction::ENTRY,
    burst::ENTRY,
    phase::ENTRY,
    order::ENTRY,
    variance::ENTRY,
    rare::ENTRY,
    endpoint::ENTRY,
}

/// One line of the register: all of a plant that is not arithmetic. Each stands in its plant's file.
pub struct Entry {
    /// Permanent name: command line, manifests and reports show it.
    pub name: &'static str,
    /// What it does, in a few words; the dose is X.
    pub about: &'static str,
    /// Unit of the dose.
    pub unit: &'static str,
    /// The smallest and the largest dose.
    pub range: (f64, f64),
    /// Whether the dose counts something: a whole number.
    pub is_whole: bool,
    /// The dose that the rounds to compare with carry, for a plant that is none of the traffic even at dose 0; `None`:
    /// they carry no plant.
    pub reference: Option<f64>,
    build: fn(f64, Random) -> Box<dyn Change>,
}

/// A kind of leak and its dose, typed as `NAME:DOSE`.
#[derive(Clone, Copy)]
pub struct Plant {
    entry: &'static Entry,
    dose: f64,
}

impl Plant {
    /// A plant of the register at a dose.
    ///
    /// # Errors
    /// [`Error::Dose`] where the dose is out of the plant's range, no number, or not whole where it must be.
    pub fn new(entry: &'static Entry, dose: f64) -> Result<Plant, Error> {
        Plant::checked(entry, dose, || dose.to_string())
    }

    fn checked(entry: &'static Entry, dose: f64, found: impl FnOnce() -> String) -> Result<Plant, Error> {
        let Entry { name, unit, range: (lowest, highest), is_whole, .. } = *entry;
        let fits = (lowest..=highest).contains(&dose) && (!is_whole || dose.fract() == 0.0);
        if !fits {
            return Err(Error::Dose { name, found: found(), lowest, highest, is_whole, unit });
        }
        // there is one zero
        Ok(Plant { entry, dose: dose + 0.0 })
    }

    /// Its line in the register.
    pub fn entry(&self) -> &'static Entry {
        self.entry
    }

    /// Its dose, in the entry's unit.
    pub fn dose(&self) -> f64 {
        self.dose
    }

    /// What the rounds to compare with carry; see [`Entry::reference`].
    pub fn reference(&self) -> Option<Plant> {
        self.entry.reference.map(|dose| Plant { dose, ..*self })
    }

    /// The change for one round. The same seed and round give the same change, and rounds differ.
    pub fn build(&self, seed: u64, round: u64) -> Box<dyn Change> {
        self.build_at(seed, round, 0)
    }

    fn build_at(&self, seed: u64, round: u64, place: u64) -> Box<dyn Change> {
        (self.entry.build)(self.dose, Random::stream(seed, self.entry.name, round, place))
    }
}

/// Several plants in one round, one after another, each with numbers of its own. Without any: the change that changes
/// nothing.
pub fn changes(plants: &[Plant], device: Device, seed: u64, round: u64) -> Changes {
    let built = (0..).zip(plants).map(|(place, plant)| plant.build_at(seed, round, place));
    Changes::new(device, built.collect())
}

/// What the rounds to compare with carry while others carry `plants`: those that have a [reference](Entry::reference).
pub fn references(plants: &[Plant]) -> Vec<Plant> {
    plants.iter().filter_map(Plant::reference).collect()
}

/// The names of the register, as a list for messages.
pub fn names() -> String {
    PLANTS.map(|entry| entry.name).join(", ")
}

impl PartialEq for Plant {
    fn eq(&self, other: &Plant) -> bool {
        (self.entry.name, self.dose) == (other.entry.name, other.dose)
    }
}

impl fmt::Display for Plant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.entry.name, self.dose)
    }
}

impl fmt::Debug for Plant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Plant {
    type Err = Error;

    fn from_str(text: &str) -> Result<Plant, Error> {
        let form = || Error::Form { text: text.to_owned(), known: names() };
        let (name, dose) = text.split_once(':').ok_or_else(form)?;
        let unknown = || Error::UnknownPlant { name: name.to_owned(), known: names() };
        let entry = PLANTS.into_iter().find(|entry| entry.name == name).ok_or_else(unknown)?;
        // what is no number fits no range
        Plant::checked(entry, dose.parse().unwrap_or(f64::NAN), || format!("{dose:?}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> String {
        text.parse::<Plant>().unwrap_err().to_string()
    }

    #[test]
    fn a_plant_is_written_as_it_is_read() {
        for text in ["upload:5", "mixture:0.25", "direction:1", "burst:12", "phase:0", "rare:40"] {
            assert_eq!(text.parse::<Plant>().unwrap().to_string(), text);
        }
        assert_eq!("upload:-0".parse::<Plant>().unwrap().to_string(), "upload:0");
        for entry in PLANTS {
            let (lowest, highest) = entry.range;
            for dose in [lowest, highest] {
                let plant = Plant::new(entry, dose).unwrap();
                assert_eq!(plant.to_string().parse::<Plant>().unwrap(), plant);
            }
        }
    }

    #[test]
    fn what_is_no_plant_is_named_with_what_to_write() {
        let known = names();
        assert!(known.starts_with("upload, mixture, "));
        assert_eq!(
            refused("upload"),
            format!("plant \"upload\": write NAME:DOSE, as in upload:5; names are: {known}")
        );
        assert_eq!(refused("noise:1"), format!("no plant is called \"noise\"; there are: {known}"));
        let range = "plant mixture: its dose is a number from 0 to 1 (share of packets), not";
        for dose in ["1.5", "-0.1", "NaN", "inf", "", "half", " 0.5"] {
            assert_eq!(refused(&format!("mixture:{dose}")), format!("{range} {dose:?}"));
        }
        assert!(refused("burst:2.5").contains("a whole number from 0 to 1000 (packets)"));
        assert!(Plant::new(PLANTS[0], f64::NAN).is_err());
    }

    #[test]
    fn only_a_plant_that_is_there_at_dose_0_goes_into_the_rounds_to_compare_with() {
        let plants = ["upload:5", "phase:20"].map(|text| text.parse::<Plant>().unwrap());
        assert_eq!(references(&plants), ["phase:0".parse().unwrap()]);
    }
}
