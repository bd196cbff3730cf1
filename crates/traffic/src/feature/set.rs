//! Groups of features, and which of them a learner is given.

use super::{FEATURES, Feature, N_FEATURES, N_PAPER, PAPER, burst, direction, histogram, service};
use crate::Error;
use crate::observer::Observer;
use crate::window::Windowing;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

/// Features that belong together.
pub struct Group {
    /// Permanent name.
    pub name: &'static str,
    /// What it is, in a sentence.
    pub about: &'static str,
    /// Its features, in parts.
    pub features: &'static [&'static [&'static Feature]],
}

/// The register, in the order of every table's columns.
pub const GROUPS: &[Group] = &[
    Group {
        name: "paper",
        about: "those of the paper: counts, distinct ends, means and deviations over all packets",
        features: &[PAPER],
    },
    Group {
        name: "direction",
        about: "packets each way: how many, how long, how far apart",
        features: &[direction::OUT, direction::IN, &[&direction::SHARE_OUT]],
    },
    Group {
        name: "histogram",
        about: "packets of each length, each way",
        features: &[histogram::OUT, histogram::IN],
    },
    Group {
        name: "burst",
        about: "runs of packets in one direction",
        features: &[&[&burst::N_BURSTS], burst::OUT, burst::IN],
    },
    Group { name: "service", about: "packets and bytes of DNS, NTP, HTTPS, ...", features: &[service::ALL] },
];

/// What all groups together are called.
const FULL: &str = "full";

/// Some groups of features, at least one. Written `paper`, `full` (all), or with commas: `direction,histogram`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FeatureSet(u8);

/// Places in [`FEATURES`] of each set's features beyond the paper's.
static BEYOND: LazyLock<Vec<Vec<usize>>> = LazyLock::new(|| {
    let places = |set: u16| FeatureSet(set as u8).places().filter(|&place| place >= N_PAPER).collect();
    (0..1 << GROUPS.len()).map(places).collect()
});

impl FeatureSet {
    /// The features of the paper.
    pub const PAPER: FeatureSet = FeatureSet(1);

    /// All features.
    pub const FULL: FeatureSet = FeatureSet(((1_u16 << GROUPS.len()) - 1) as u8);

    /// The groups that features with these names are of; the paper's where none is of any.
    pub fn holding(names: &[String]) -> FeatureSet {
        let is_named = |group: &Group| {
            let mut features = group.features.iter().copied().flatten();
            features.any(|feature| names.iter().any(|name| name == feature.name))
        };
        let bits = GROUPS.iter().enumerate().map(|(number, group)| u8::from(is_named(group)) << number);
        match bits.sum() {
            0 => FeatureSet::PAPER,
            set => FeatureSet(set),
        }
    }

    /// Whether the paper's are among them.
    pub fn has_paper(self) -> bool {
        self.0 & FeatureSet::PAPER.0 != 0
    }

    /// Whether a pass for all features is needed: see [`crate::window::Pass::full`].
    pub fn needs_detail(self) -> bool {
        self != FeatureSet::PAPER
    }

    fn groups(self) -> impl Iterator<Item = &'static Group> {
        GROUPS.iter().enumerate().filter(move |(group, _)| self.0 >> group & 1 == 1).map(|(_, group)| group)
    }

    /// Places in [`FEATURES`] of its features, rising.
    fn places(self) -> impl Iterator<Item = usize> {
        let size = |group: &Group| group.features.iter().map(|part| part.len()).sum::<usize>();
        let all = GROUPS.iter().enumerate().flat_map(move |(number, group)| vec![number; size(group)]);
        all.enumerate().filter(move |(_, group)| self.0 >> group & 1 == 1).map(|(place, _)| place)
    }

    pub(super) fn beyond_paper(self) -> &'static [usize] {
        &BEYOND[usize::from(self.0)]
    }

    /// Places in [`FEATURES`] of those that the observer sees.
    pub fn seen_by(self, observer: Observer) -> Vec<usize> {
        self.places().filter(|&place| observer.sees(FEATURES[place].needs)).collect()
    }

    /// Places in [`FEATURES`] of what a learner is given: what the observer sees, and of the two that say
    /// how traffic fills a window `n_packets` with t and `duration_s` with n (the other is constant or
    /// follows from it).
    pub fn learned(self, windowing: Windowing, observer: Observer) -> Vec<usize> {
        let left_out = match windowing {
            Windowing::Time(_) => "duration_s",
            Windowing::Count(_) => "n_packets",
        };
        self.seen_by(observer).into_iter().filter(|&place| FEATURES[place].name != left_out).collect()
    }
}

const _: () = assert!(GROUPS.len() <= 8 && N_FEATURES > N_PAPER, "a set is a byte");

impl fmt::Display for FeatureSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == FeatureSet::FULL {
            return f.write_str(FULL);
        }
        let names: Vec<&str> = self.groups().map(|group| group.name).collect();
        f.write_str(&names.join(","))
    }
}

impl FromStr for FeatureSet {
    type Err = Error;

    fn from_str(text: &str) -> Result<FeatureSet, Error> {
        if text == FULL {
            return Ok(FeatureSet::FULL);
        }
        let mut set = 0;
        for name in text.split(',') {
            let known = || GROUPS.iter().map(|group| group.name).collect::<Vec<_>>().join(", ");
            let group = GROUPS.iter().position(|group| group.name == name);
            set |= 1 << group.ok_or_else(|| Error::UnknownGroup { name: name.to_owned(), known: known() })?;
        }
        Ok(FeatureSet(set))
    }
}

impl Serialize for FeatureSet {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for FeatureSet {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<FeatureSet, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_is_written_as_its_groups() {
        for text in ["paper", "full", "direction,histogram", "paper,service"] {
            assert_eq!(text.parse::<FeatureSet>().unwrap().to_string(), text);
        }
        assert_eq!("histogram,direction".parse::<FeatureSet>().unwrap().to_string(), "direction,histogram");
        let unknown = "direction,size".parse::<FeatureSet>().unwrap_err().to_string();
        assert!(unknown.contains("\"size\"") && unknown.contains("histogram"), "{unknown}");
    }

    #[test]
    fn an_observer_without_headers_is_given_no_service() {
        let t: Windowing = "t=15".parse().unwrap();
        let names = |set: FeatureSet, observer| -> Vec<&str> {
            set.learned(t, observer).into_iter().map(|place| FEATURES[place].name).collect()
        };
        assert_eq!(FeatureSet::FULL.learned(t, Observer::Gateway).len(), N_FEATURES - 1);
        let wifi = names(FeatureSet::FULL, Observer::Wifi);
        assert!(wifi.contains(&"share_out") && !wifi.iter().any(|name| name.starts_with("dns")));
        assert_eq!(names(FeatureSet::PAPER, Observer::Gateway).len(), N_PAPER - 1);
    }
}
