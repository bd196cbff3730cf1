//! A campaign: rounds of captures, each with its condition and unit, described by `campaign.toml`.

use crate::Error;
use crate::caveat::{Caveat, Fact, PlanFault};
use crate::engine::Engine;
use crate::schedule::{ReadPlan, instant_ns};
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
    /// The plan that the rounds follow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<PlanEntry>,
    /// Whether copies of packets are taken out of the captures: mirrors of two ports, a router's two sides.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub dedup: bool,
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

/// The plan that a campaign follows, fixed by its hash before the first round.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanEntry {
    /// The plan as `overhear plan` wrote it, relative to the campaign.
    pub file: PathBuf,
    /// SHA-256 of the plan, hexadecimal.
    pub sha256: String,
}

impl PlanEntry {
    /// Writes a plan's text into a campaign's directory, and gives the manifest's entry for it.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub(crate) fn write(text: &str, directory: &Path) -> Result<PlanEntry, Error> {
        let path = directory.join("plan.toml");
        fs::write(&path, text).map_err(Error::io(&path))?;
        Ok(PlanEntry { file: "plan.toml".into(), sha256: hex(&Sha256::digest(text.as_bytes())) })
    }
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
    /// Leaks planted into the rounds of `mic_on_noise`, as typed (`upload:5`). One that is there at dose 0 already
    /// stands at that dose in all other rounds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub plants: Vec<String>,
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
    /// Why it was lost, where it was: it was not recorded, or not whole. Its capture need not be there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lost: Option<String>,
}

impl Round {
    /// When the round began, ns since 1970; `None` where the manifest does not say.
    pub fn start_ns(&self) -> Option<i64> {
        self.start.as_ref().and_then(instant_ns)
    }

    /// Seconds that local time is ahead of UTC, by the offset of `start`; 0 where there is none.
    pub fn offset_s(&self) -> i32 {
        match self.start.and_then(|start| start.offset) {
            Some(toml::value::Offset::Custom { minutes }) => i32::from(minutes) * 60,
            _ => 0,
        }
    }
}

impl Round {
    fn check(&self, round: usize) -> Result<(), ManifestFault> {
        let longest = f64::from(u32::MAX);
        for (field, value) in [("duration_s", self.duration_s), ("drop_s", self.drop_s)] {
            if value.is_some_and(|value| !(0.0..=longest).contains(&value)) {
                return Err(ManifestFault::Seconds { round, field });
            }
        }
        if self.condition.is_empty() {
            return Err(ManifestFault::NoCondition { round });
        }
        if let (Some(start), None) = (&self.start, self.start_ns()) {
            return Err(ManifestFault::Start { round, found: start.to_string() });
        }
        match (self.duration_s, self.drop_s) {
            (Some(duration_s), drop_s) if duration_s <= drop_s.unwrap_or(0.0) => {
                Err(ManifestFault::NothingLeft { round })
            }
            _ => Ok(()),
        }
    }
}

/// What is wrong with a manifest.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ManifestFault {
    /// It is no TOML, or not that of a manifest.
    #[error("{0}")]
    Toml(String),
    /// It is of another schema.
    #[error("schema {found:?} is not {SCHEMA:?}, the one this version reads")]
    Schema {
        /// The schema found.
        found: String,
    },
    /// It is a plan.
    #[error(
        "it is a plan, not yet a campaign: record its rounds, then `overhear cut CAPTURE --plan plan.toml -o CAMPAIGN`"
    )]
    IsPlan,
    /// It has no rounds.
    #[error("it has no [[round]]; each capture of the campaign is one")]
    NoRounds,
    /// A number of seconds out of range.
    #[error("round {round}: {field} must be a number of seconds from 0 to {}", u32::MAX)]
    Seconds {
        /// The round, from 1.
        round: usize,
        /// Which field.
        field: &'static str,
    },
    /// A condition without a name.
    #[error("round {round}: its condition has no name")]
    NoCondition {
        /// The round, from 1.
        round: usize,
    },
    /// A time without an offset is another moment in every time zone.
    #[error(
        "round {round}: start = {found} is not one moment; write date, time and offset, as in 2026-11-01T10:00:00Z or 2026-11-01T11:00:00+01:00"
    )]
    Start {
        /// The round, from 1.
        round: usize,
        /// As written.
        found: String,
    },
    /// Nothing is left of a round when its settling time is left out.
    #[error("round {round}: drop_s is not shorter than duration_s: nothing of the round is left")]
    NothingLeft {
        /// The round, from 1.
        round: usize,
    },
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
        if looks_like_a_capture(&file) {
            return Err(Error::CaptureGiven { path: file });
        }
        let text = match fs::read_to_string(&file) {
            Ok(text) => text,
            Err(e) if e.kind() == io::ErrorKind::NotFound => {
                return Err(Error::NoCampaign { path: directory });
            }
            Err(e) => return Err(Error::Io { path: file, source: e }),
        };
        let manifest =
            Manifest::parse(&text).map_err(|fault| Error::Manifest { path: file, fault: Box::new(fault) })?;
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

    /// The rounds that the manifest says were lost.
    pub fn lost(&self) -> Vec<Caveat> {
        let of = |(index, round): (usize, &Round)| {
            let fact = Fact::Lost { reason: round.lost.clone()? };
            Some(Caveat::of_round(index, &round.capture.display().to_string(), fact))
        };
        self.manifest.rounds.iter().enumerate().filter_map(of).collect()
    }

    /// Path of a round's capture.
    pub fn capture_path(&self, round: &Round) -> PathBuf {
        self.directory.join(&round.capture)
    }

    /// Hashes a round's capture and compares it with the manifest's hash, where it has one.
    ///
    /// # Errors
    /// [`Error::MissingCapture`] and [`Error::Altered`] name the round; [`Error::Stopped`].
    pub fn check_round(&self, index: usize, engine: &Engine<'_>) -> Result<String, Error> {
        let round = &self.manifest.rounds[index];
        let path = self.capture_path(round);
        let found = sha256_while(&path, &|| engine.check().is_ok());
        engine.check()?;
        let found =
            found.map_err(|source| Error::MissingCapture { round: index + 1, path: path.clone(), source })?;
        match &round.sha256 {
            Some(expected) if !expected.eq_ignore_ascii_case(&found) => {
                Err(Error::Altered { round: index + 1, path, found, expected: expected.clone() })
            }
            _ => Ok(found),
        }
    }

    /// Reads the plan that the manifest names; `None` where it names none.
    ///
    /// # Errors
    /// [`PlanFault`] where it proves nothing, whatever the rounds are.
    pub fn plan(&self) -> Option<Result<CheckedPlan, PlanFault>> {
        let entry = self.manifest.plan.as_ref()?;
        let check = || {
            let text = fs::read_to_string(self.directory.join(&entry.file))
                .map_err(|e| PlanFault::Missing { reason: e.to_string() })?;
            let found = hex(&Sha256::digest(text.as_bytes()));
            if !entry.sha256.eq_ignore_ascii_case(&found) {
                return Err(PlanFault::Altered { found, expected: entry.sha256.clone() });
            }
            let plan = ReadPlan::parse(&text).map_err(|reason| PlanFault::NoPlan { reason })?;
            if plan.is_drawn { Ok(CheckedPlan { plan, sha256: found }) } else { Err(PlanFault::NotDrawn) }
        };
        Some(check())
    }
}

/// A plan whose hash is the manifest's and whose rounds its own seed draws.
#[derive(Debug, Clone)]
pub struct CheckedPlan {
    /// The plan.
    pub plan: ReadPlan,
    /// Its SHA-256.
    pub sha256: String,
}

impl Manifest {
    /// Reads a manifest's text.
    ///
    /// # Errors
    /// What is wrong and where.
    pub fn parse(text: &str) -> Result<Manifest, ManifestFault> {
        let broken = |e: toml::de::Error| ManifestFault::Toml(e.to_string().trim_end().to_owned());
        let table: toml::Table = text.parse().map_err(broken)?;
        if table.get("schema").and_then(toml::Value::as_str) == Some(crate::schedule::SCHEMA) {
            return Err(ManifestFault::IsPlan);
        }
        let manifest: Manifest = toml::from_str(text).map_err(broken)?;
        if manifest.schema != SCHEMA {
            return Err(ManifestFault::Schema { found: manifest.schema });
        }
        if manifest.rounds.is_empty() {
            return Err(ManifestFault::NoRounds);
        }
        for (number, round) in (1..).zip(&manifest.rounds) {
            round.check(number)?;
        }
        Ok(manifest)
    }

    /// The manifest's text.
    pub fn to_toml(&self) -> String {
        // strings, numbers and lists of tables always become TOML
        toml::to_string(self).expect("a manifest is plain TOML")
    }
}

/// Whether a file begins as captures do, compressed ones too.
pub fn looks_like_a_capture(path: &Path) -> bool {
    let mut head = [0; 4];
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut head));
    let compressed = [[0x1f, 0x8b], [0x28, 0xb5], [0x04, 0x22]].iter().any(|magic| head.starts_with(magic));
    let captures: [u32; 3] = [0xa1b2_c3d4, 0xa1b2_3c4d, 0xa1b2_cd34];
    let is_capture = captures.iter().any(|magic| [magic.to_le_bytes(), magic.to_be_bytes()].contains(&head));
    read.is_ok() && (compressed || is_capture || head == [0x0a, 0x0d, 0x0d, 0x0a])
}

/// A campaign is written to a new or empty directory.
///
/// # Errors
/// [`Error::Occupied`].
pub(crate) fn must_be_free(directory: &Path) -> Result<(), Error> {
    if directory.is_file() || fs::read_dir(directory).is_ok_and(|mut entries| entries.next().is_some()) {
        let what = "it is not empty; name a new directory, or remove what is in it";
        return Err(Error::Occupied { path: directory.to_owned(), what });
    }
    Ok(())
}

/// SHA-256 of a file, hexadecimal.
///
/// # Errors
/// What reading it gives.
pub fn sha256_of(path: &Path) -> io::Result<String> {
    sha256_while(path, &|| true)
}

/// The same, as long as `goes_on` says so: it is asked before every block.
///
/// # Errors
/// What reading it gives; [`io::ErrorKind::Other`] where it was asked to stop.
pub fn sha256_while(path: &Path, goes_on: &dyn Fn() -> bool) -> io::Result<String> {
    let mut file = File::open(path)?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 256 * 1024];
    loop {
        if !goes_on() {
            return Err(io::Error::other("stopped"));
        }
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
        let what = Manifest::parse(&EXAMPLE.replace("unit", "pair")).unwrap_err().to_string();
        assert!(what.contains("line 9") && what.contains("pair"), "{what}");
    }

    #[test]
    fn a_negative_settling_time_is_refused() {
        let what = Manifest::parse(&EXAMPLE.replace("drop_s = 120", "drop_s = -1")).unwrap_err().to_string();
        assert!(what.starts_with("round 1: drop_s"), "{what}");
    }

    #[test]
    fn a_start_that_is_not_one_moment_is_refused() {
        for start in ["2026-11-01T10:00:00", "2026-11-01", "10:00:00", "2026-11-01T10:00:00.5"] {
            let what =
                Manifest::parse(&EXAMPLE.replace("2026-11-01T10:00:00Z", start)).unwrap_err().to_string();
            assert!(what.starts_with("round 1: start = ") && what.contains("+01:00"), "{start}: {what}");
        }
        let local = EXAMPLE.replace("10:00:00Z", "11:00:00+01:00");
        let manifest = Manifest::parse(&local).unwrap();
        assert_eq!(manifest.rounds[0].start_ns(), Some(1_793_527_200_000_000_000));
        assert_eq!(manifest.rounds[0].offset_s(), 3600);
    }

    #[test]
    fn a_round_of_settling_time_alone_is_refused() {
        let what = Manifest::parse(&EXAMPLE.replace("duration_s = 1800", "duration_s = 120")).unwrap_err();
        assert!(matches!(what, ManifestFault::NothingLeft { round: 1 }), "{what}");
    }
}
