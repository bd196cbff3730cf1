//! What can go wrong between a campaign and a finding.

use crate::campaign::ManifestFault;
use crate::caveat::{Caveat, Effect};
use overhear_traffic::packet::Device;
use std::io;
use std::path::{Path, PathBuf};

/// Every failure of this crate; variants carry facts, the message says what to try.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A capture cannot be read.
    #[error(transparent)]
    Traffic(#[from] overhear_traffic::Error),
    /// A leak cannot be planted, or no defence is called so.
    #[error(transparent)]
    Change(#[from] overhear_change::Error),
    /// Defences were to be tried on a table.
    #[error("a table holds no packets that a defence could alter; name a campaign or captures")]
    NoPacketsToDefend,
    /// A far end was to be blocked that no packet went to.
    #[error("{wanted:?}: the device exchanged no packet with it; the busiest it did are {known}")]
    UnknownFarEnd {
        /// As typed.
        wanted: String,
        /// Names and addresses there are.
        known: String,
    },
    /// Nothing can be learnt from the table.
    #[error(transparent)]
    Learn(#[from] overhear_learn::Error),
    /// A file or directory cannot be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// There is no campaign here.
    #[error("{}: there is no campaign.toml in it; `overhear synth -o DIR` writes a campaign to look at", path.display())]
    NoCampaign {
        /// The directory.
        path: PathBuf,
    },
    /// A capture where a campaign is wanted.
    #[error(
        "{path} is a capture, and a campaign is wanted: one recording says nothing about conditions. `overhear inspect {path}` \
         shows what is in it; `overhear cut {path} --plan plan.toml -o CAMPAIGN` cuts it into rounds; captures of one \
         condition each go as COND=CAPTURE to audit",
        path = path.display()
    )]
    CaptureGiven {
        /// The capture.
        path: PathBuf,
    },
    /// A manifest cannot be understood.
    #[error("{}: {fault}", path.display())]
    Manifest {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        fault: Box<ManifestFault>,
    },
    /// A capture is not the one the manifest was written for.
    #[error(
        "round {round}, {path}: its SHA-256 is {found}, the manifest says {expected}; \
         the capture was altered: restore it, or correct the manifest",
        path = path.display()
    )]
    Altered {
        /// Round, from 1.
        round: usize,
        /// The capture.
        path: PathBuf,
        /// Hash found.
        found: String,
        /// Hash in the manifest.
        expected: String,
    },
    /// A round whose capture is missing.
    #[error("round {round}, {path}: {source}; restore the capture or take the round out of campaign.toml", path = path.display())]
    MissingCapture {
        /// Round, from 1.
        round: usize,
        /// The capture.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// A round without a single packet of the device.
    #[error(
        "round {round}, {path}: no packet of {device} among {frames} frames; \
         `overhear inspect` lists the devices in it",
        path = path.display()
    )]
    NoPackets {
        /// Round, from 1.
        round: usize,
        /// The capture.
        path: PathBuf,
        /// The device looked for.
        device: String,
        /// Frames in the capture.
        frames: u64,
    },
    /// No two conditions are left to compare.
    #[error("{}", nothing_left(caveats, condition.as_deref()))]
    NothingLeft {
        /// Everything known of the rounds.
        caveats: Vec<Caveat>,
        /// The only condition that is left.
        condition: Option<String>,
    },
    /// No frame of a recording lies in any round.
    #[error("no frame lies in any round: {}", nothing_cut(*covered_ns, *wanted_ns))]
    NothingCut {
        /// First and last time of the recording, ns since 1970.
        covered_ns: Option<(i64, i64)>,
        /// From the first round's start to the last one's end.
        wanted_ns: (i64, i64),
    },
    /// No capture holds a packet of the device.
    #[error(
        "no packet of {} in any of {captures} captures (up to {frames} frames each); `overhear inspect` lists the \
         devices in a capture",
        match device { Device::Any => "any device".to_owned(), device => device.to_string() }
    )]
    NoDevice {
        /// The device looked for.
        device: Device,
        /// Captures that were read.
        captures: usize,
        /// Most frames in one of them.
        frames: u64,
    },
    /// A table cannot be read as numbers.
    #[error("{table}: {fault}")]
    Table {
        /// File name.
        table: String,
        /// What is wrong with it.
        fault: crate::table::TableFault,
    },
    /// A build without Parquet was asked for it.
    #[error("{table}: this build reads and writes no Parquet; use CSV, or build with `--features parquet`")]
    NoParquet {
        /// File name.
        table: String,
    },
    /// Standard input where a capture is read twice.
    #[error(
        "{}: events are found in two readings, the first of which learns the idle level, and standard input is read once; write it to a \
         file first",
        path.display()
    )]
    ReadTwice {
        /// As given.
        path: PathBuf,
    },
    /// Columns that tell traces apart do not fit the table of events.
    #[error(
        "{}: its traces are told apart by other columns than those of the captures before, or {column:?} has the name of another column \
         of the table; rename it, or name the columns that tell traces apart with --keys",
        path.display()
    )]
    KeyColumns {
        /// The packet table.
        path: PathBuf,
        /// The column.
        column: String,
    },
    /// Generator settings out of range.
    #[error(transparent)]
    Settings(#[from] overhear_synth::SettingsError),
    /// A condition that the generator does not know.
    #[error("generated traffic knows the conditions mic_off, mic_on and mic_on_noise, not {condition:?}")]
    UnknownCondition {
        /// As asked for.
        condition: String,
    },
    /// A schedule of fewer than two conditions, or of one of them twice.
    #[error("a schedule needs two or more different conditions; {found:?} are not")]
    ScheduleConditions {
        /// As given.
        found: Vec<String>,
    },
    /// A schedule without units, or of rounds without length.
    #[error(
        "a schedule needs 1 to 100,000 units, at least a day, and rounds longer than their settling time"
    )]
    ScheduleEmpty,
    /// Too few units to leave some out and say how sure what is found is.
    #[error(
        "{task}: {units} units of a condition are fewer than the {needed} that poisoning and inflation need, since units are left out whole; \
         record more rounds (`overhear plan` draws a schedule)"
    )]
    FewUnits {
        /// The conditions.
        task: String,
        /// Units of the condition that has fewest.
        units: usize,
        /// Units needed.
        needed: usize,
    },
    /// Rows that were asked for and not made.
    #[error("there are no windows {wanted}; there are: {known}")]
    NoTable {
        /// As asked for.
        wanted: String,
        /// What there is.
        known: String,
    },
    /// No learner to attack with.
    #[error("no learner is named to attack with; name one or more, as in knn or knn:k=7")]
    NoLearners,
    /// A share of poison out of its range.
    #[error(
        "a share of poison is at least 0 and below 0.5, not {share}: from one half on the labels are exchanged, and an attacker exchanges them back"
    )]
    PoisonShare {
        /// As asked for.
        share: f64,
    },
    /// A report could not be written.
    #[error("{}: {source}; the report was not written, check that the place is writable and has room", path.display())]
    ReportIo {
        /// Which file or directory.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The place of a report is taken by a file.
    #[error("{} is a file; a report is a directory: name another", path.display())]
    NotADirectory {
        /// Which.
        path: PathBuf,
    },
    /// A page could not be filled in.
    #[error("report.html could not be filled in: {source}")]
    Page {
        /// What the template engine said.
        #[from]
        source: askama::Error,
    },
    /// A result could not be written as JSON.
    #[error("report.json could not be written: {source}")]
    Json {
        /// What the serialiser said.
        #[from]
        source: serde_json::Error,
    },
    /// A table of a report could not be written as CSV.
    #[error("{file} could not be written: {source}")]
    Csv {
        /// Which table.
        file: &'static str,
        /// What the writer said.
        source: ::csv::Error,
    },
    /// A place that holds something else.
    #[error("{}: {what}", path.display())]
    Occupied {
        /// The place.
        path: PathBuf,
        /// What is there and what to do.
        what: &'static str,
    },
    /// The user asked to stop.
    #[error("stopped; nothing was written")]
    Stopped,
}

fn nothing_cut(covered_ns: Option<(i64, i64)>, wanted_ns: (i64, i64)) -> String {
    use crate::caveat::utc;
    let Some((first, last)) = covered_ns else { return "the captures are empty".to_owned() };
    let (start, end) = wanted_ns;
    format!(
        "the recording lasts from {} to {}, the rounds from {} to {}; correct the times, a time zone may be wrong",
        utc(first),
        utc(last),
        utc(start),
        utc(end)
    )
}

/// What became of the rounds, a line for each kind of fact that left some out.
fn nothing_left(caveats: &[Caveat], condition: Option<&str>) -> String {
    let mut text = match condition {
        Some(only) => format!("there is nothing to compare: only rounds of {only:?} are left"),
        None => "there is nothing to compare: no round is left".to_owned(),
    };
    let mut left_out: Vec<&Caveat> = caveats.iter().filter(|c| c.effect == Effect::LeftOut).collect();
    left_out.dedup_by_key(|caveat| caveat.round);
    for caveat in left_out.iter().take(NAMED) {
        text.push_str(&format!("\n  {caveat}"));
    }
    if left_out.len() > NAMED {
        text.push_str(&format!("\n  and {} more", left_out.len() - NAMED));
    }
    text
}

/// Rounds that an error names, at most.
const NAMED: usize = 5;

impl Error {
    /// An input or output error at a path.
    pub fn io(path: &Path) -> impl FnOnce(io::Error) -> Error {
        move |source| Error::Io { path: path.to_owned(), source }
    }
}
