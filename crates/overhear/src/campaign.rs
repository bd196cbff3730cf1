//! A campaign: rounds of captures, each with its condition and unit, described by `campaign.toml`.

use crate::Error;
use overhear_traffic::packet::Device;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// The schema this build reads and writes.
pub const SCHEMA: &str = "overhear/campaign/1";

/// The manifest's file name.
pub const MANIFEST: &str = "campaign.toml";

/// What `campaign.toml` says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// [`SCHEMA`].
    pub schema: String,
    /// Whose traffic it is.
    #[serde(default)]
    pub device: DeviceEntry,
    /// Set where the traffic was generated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub generated: Option<Generated>,
    /// The rounds, in any order.
    #[serde(default, rename = "round")]
    pub rounds: Vec<Round>,
}

/// The device a campaign is about.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeviceEntry {
    /// What to call it.
    #[serde(default)]
    pub name: String,
    /// Its MAC or IP address; absent: every packet counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<Device>,
}

/// How a campaign was generated: its known truth.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Generated {
    /// `paper` or `crossover`.
    pub scenario: String,
    /// What the microphone changes; 1 is the paper's.
    pub effect: f64,
    /// Offset of each day, in deviations of a t=15 window's features.
    pub day_effect: f64,
    /// Slow change, in the same unit.
    pub drift: f64,
    /// Seed.
    pub seed: u64,
}

/// One round: a capture under one condition.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Round {
    /// The capture, relative to the campaign.
    pub capture: PathBuf,
    /// What was done: the paper's `mic_off`, `mic_on`, `mic_on_noise`, or any other name.
    pub condition: String,
    /// The pair it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<u32>,
    /// When it began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<toml::value::Datetime>,
    /// How long it was meant to take, s.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_s: Option<f64>,
    /// Settling time at its beginning that is left out, s.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drop_s: Option<f64>,
    /// SHA-256 of the capture, hexadecimal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
}

impl Round {
    /// When the round began, ns since 1970; `None` where the manifest does not say or has no offset.
    pub fn start_ns(&self) -> Option<i64> {
        let time: jiff::Timestamp = self.start.as_ref()?.to_string().parse().ok()?;
        i64::try_from(time.as_nanosecond()).ok()
    }
}

/// A campaign on disk.
#[derive(Debug, Clone)]
pub struct Campaign {
    /// Its directory.
    pub directory: PathBuf,
    /// Its manifest.
    pub manifest: Manifest,
}

impl Campaign {
    /// Reads the manifest of a campaign directory (or the manifest itself, named).
    ///
    /// # Errors
    /// [`Error::NoCampaign`], [`Error::Manifest`] with the line, [`Error::Io`].
    pub fn open(path: &Path) -> Result<Campaign, Error> {
        let (directory, file) = if path.is_dir() || !path.exists() {
            (path.to_owned(), path.join(MANIFEST))
        } else {
            (path.parent().unwrap_or(Path::new(".")).to_owned(), path.to_owned())
        };
        let text = match fs::read_to_string(&file) {
            Ok(text) => text,
            Err(e) if e.kind() == io::ErrorKind::NotFound => {
                return Err(Error::NoCampaign { path: directory });
            }
            Err(e) => return Err(Error::Io { path: file, source: e }),
        };
        let manifest = Manifest::parse(&text).map_err(|what| Error::Manifest { path: file, what })?;
        Ok(Campaign { directory, manifest })
    }

    /// The device's packets are those of this address; without one, every packet counts.
    pub fn device(&self) -> Device {
        self.manifest.device.address.unwrap_or(Device::Any)
    }

    /// The conditions, in the paper's order and then in that of their first rounds.
    pub fn conditions(&self) -> Vec<String> {
        let mut found: Vec<String> = Vec::new();
        for round in &self.manifest.rounds {
            if !found.contains(&round.condition) {
                found.push(round.condition.clone());
            }
        }
        let paper = ["mic_off", "mic_on", "mic_on_noise"];
        found.sort_by_key(|name| paper.iter().position(|p| p == name).unwrap_or(paper.len()));
        found
    }

    /// Path of a round's capture.
    pub fn capture_path(&self, round: &Round) -> PathBuf {
        self.directory.join(&round.capture)
    }

    /// Hashes a round's capture and compares it with the manifest's hash, where it has one.
    ///
    /// # Errors
    /// [`Error::MissingCapture`] and [`Error::Altered`] name the round.
    pub fn check_round(&self, index: usize) -> Result<String, Error> {
        let round = &self.manifest.rounds[index];
        let path = self.capture_path(round);
        let found = sha256_of(&path).map_err(|source| Error::MissingCapture {
            round: index + 1,
            path: path.clone(),
            source,
        })?;
        match &round.sha256 {
            Some(expected) if !expected.eq_ignore_ascii_case(&found) => {
                Err(Error::Altered { round: index + 1, path, found, expected: expected.clone() })
            }
            _ => Ok(found),
        }
    }
}

impl Manifest {
    /// Reads a manifest's text; the error is a sentence with the line.
    ///
    /// # Errors
    /// What is wrong and where.
    pub fn parse(text: &str) -> Result<Manifest, String> {
        let manifest: Manifest = toml::from_str(text).map_err(|e| e.to_string().trim_end().to_owned())?;
        if manifest.schema != SCHEMA {
            return Err(format!(
                "schema {:?} is not {SCHEMA:?}, the one this version reads",
                manifest.schema
            ));
        }
        if manifest.rounds.is_empty() {
            return Err("it has no [[round]]; each capture of the campaign is one".to_owned());
        }
        let longest = f64::from(u32::MAX);
        for (number, round) in (1..).zip(&manifest.rounds) {
            for (name, value) in [("duration_s", round.duration_s), ("drop_s", round.drop_s)] {
                if value.is_some_and(|value| !(0.0..=longest).contains(&value)) {
                    return Err(format!(
                        "round {number}: {name} must be a number of seconds from 0 to {longest}"
                    ));
                }
            }
            if round.condition.is_empty() {
                return Err(format!("round {number}: its condition has no name"));
            }
        }
        Ok(manifest)
    }

    /// The manifest's text.
    pub fn to_toml(&self) -> String {
        // strings, numbers and lists of tables always become TOML
        toml::to_string(self).expect("a manifest is plain TOML")
    }
}

/// SHA-256 of a file, hexadecimal.
///
/// # Errors
/// What reading it gives.
pub fn sha256_of(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 256 * 1024];
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return Ok(hex(&hash.finalize())),
            Ok(n) => hash.update(&buffer[..n]),
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
}

/// Bytes in hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXAMPLE: &str = r#"
schema = "overhear/campaign/1"
[device]
name = "Google Home Mini"
address = "02:00:00:00:00:01"
[[round]]
capture = "rounds/001-mic_on.pcapng"
condition = "mic_on"
unit = 1
start = 2026-11-01T10:00:00Z
duration_s = 1800
drop_s = 120
"#;

    #[test]
    fn the_documented_manifest_is_read_and_written() {
        let manifest = Manifest::parse(EXAMPLE).unwrap();
        assert_eq!(manifest.rounds[0].start_ns(), Some(1_793_527_200_000_000_000));
        assert_eq!(manifest.rounds[0].drop_s, Some(120.0));
        assert_eq!(Manifest::parse(&manifest.to_toml()).unwrap(), manifest);
    }

    #[test]
    fn a_misspelt_field_is_named_with_its_line() {
        let what = Manifest::parse(&EXAMPLE.replace("unit", "pair")).unwrap_err();
        assert!(what.contains("line 9") && what.contains("pair"), "{what}");
    }

    #[test]
    fn a_negative_settling_time_is_refused() {
        let what = Manifest::parse(&EXAMPLE.replace("drop_s = 120", "drop_s = -1")).unwrap_err();
        assert!(what.starts_with("round 1: drop_s"), "{what}");
    }
}
