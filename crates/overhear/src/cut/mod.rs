//! A long recording cut into the rounds of a campaign.
//!
//! Every packet goes to the round in whose time it lies. Rounds that no recording covers, or that a recording ends
//! inside, stay in the manifest as lost: an audit counts them.

mod times;

pub use times::{TimedRound, Times, TimesFault};

use crate::Error;
use crate::campaign::{self, Campaign, DeviceEntry, MANIFEST, Manifest, PlanEntry, Round, sha256_of};
use crate::engine::Engine;
use crate::table::packets;
use crate::unfinished::beside;
use overhear_traffic::capture::write::PcapngWriter;
use overhear_traffic::capture::{Frame, Frames};
use overhear_traffic::packet::Device;
use std::fs::{self, File, OpenOptions};
use std::io::BufWriter;
use std::path::{Path, PathBuf};

/// What a campaign is cut from.
pub struct Recording<'a> {
    /// Captures, in any order; those that other programs rotated are read one after another.
    pub captures: &'a [PathBuf],
    /// When the rounds were.
    pub times: &'a Times,
    /// Whose packets.
    pub device: Option<Device>,
    /// What to call the device.
    pub name: &'a str,
    /// Whether the campaign says that copies of packets are taken out.
    pub dedup: bool,
}

/// What became of a recording.
#[derive(Debug, Clone)]
pub struct Cut {
    /// The campaign.
    pub campaign: Campaign,
    /// Frames of each round, in the manifest's order.
    pub frames: Vec<u64>,
    /// Frames that lie in no round.
    pub outside: u64,
    /// Where the recordings begin and end, ns since 1970.
    pub covered_ns: Option<(i64, i64)>,
    /// How often a time lies more than a second before the latest one: the clock was set, or captures overlap in time.
    pub steps_back: u64,
    /// Captures that end in mid-packet: path and byte.
    pub cut_off: Vec<(PathBuf, u64)>,
}

/// A pause in all traffic as long as this, or half the round if that is less, means that nothing was recorded.
const LONGEST_PAUSE_NS: i64 = 600_000_000_000;
/// A time this far before the latest one is a step of the clock.
const STEP_NS: i64 = 1_000_000_000;

/// Cuts a recording into a campaign in a new or empty directory; whole or not at all.
///
/// # Errors
/// [`Error::Traffic`] for a damaged capture, [`Error::Occupied`], [`Error::Io`], [`Error::NothingCut`] where no frame
/// lies in any round, [`Error::Stopped`].
pub fn cut(recording: &Recording<'_>, directory: &Path, engine: &Engine<'_>) -> Result<Cut, Error> {
    campaign::must_be_free(directory)?;
    let (captures, generated) = in_time(recording.captures)?;
    let beside = beside(directory)?;
    fs::create_dir(beside.path().join("rounds")).map_err(Error::io(directory))?;
    let mut dealer = Dealer::new(&recording.times.rounds, beside.path(), generated);
    engine.stage("cutting", captures.len() as u64);
    for path in &captures {
        engine.check()?;
        dealer.read(path)?;
        engine.step();
    }
    dealer.close()?;
    let found = dealer.covered_ns();
    let Some(covered_ns) = found.filter(|_| dealer.files.iter().any(|file| file.frames > 0)) else {
        let rounds = &recording.times.rounds;
        let wanted_ns = (rounds[0].start_ns, rounds[rounds.len() - 1].end_ns());
        return Err(Error::NothingCut { covered_ns: found, wanted_ns });
    };
    let rounds = dealer.rounds(beside.path())?;
    let plan =
        recording.times.plan.as_deref().map(|text| PlanEntry::write(text, beside.path())).transpose()?;
    let name = if recording.name.is_empty() { &recording.times.name } else { recording.name };
    let address = recording.device.or(recording.times.device);
    let manifest = Manifest {
        schema: campaign::SCHEMA.to_owned(),
        dedup: recording.dedup,
        device: DeviceEntry { name: name.to_owned(), address },
        generated: dealer.generated.as_deref().and_then(|text| serde_json::from_str(text).ok()),
        plan,
        rounds,
    };
    fs::write(beside.path().join(MANIFEST), manifest.to_toml()).map_err(Error::io(directory))?;
    // an empty directory of that name gives way
    let _ = fs::remove_dir(directory);
    beside.rename_to(directory).map_err(Error::io(directory))?;
    Ok(Cut {
        campaign: Campaign { directory: directory.to_owned(), manifest },
        frames: dealer.files.iter().map(|file| file.frames).collect(),
        outside: dealer.outside,
        covered_ns: Some(covered_ns),
        steps_back: dealer.steps_back,
        cut_off: dealer.cut_off,
    })
}

/// Captures by the time of their first frame, empty ones last; and how they were generated, where one says that it was.
fn in_time(captures: &[PathBuf]) -> Result<(Vec<PathBuf>, Option<String>), Error> {
    if captures == [PathBuf::from("-")] {
        // standard input is read once
        return Ok((captures.to_vec(), None));
    }
    let (mut timed, mut generated) = (Vec::new(), None);
    for path in captures {
        let mut capture = packets::open(path)?;
        let first_ns = capture.next_frame()?.map_or(i64::MAX, |frame| frame.time_ns);
        timed.push((first_ns, path.clone()));
        generated = generated.or_else(|| capture.generated().map(str::to_owned));
    }
    timed.sort();
    Ok((timed.into_iter().map(|(_, path)| path).collect(), generated))
}

/// The capture of one round, while it is written.
struct RoundFile {
    path: PathBuf,
    writer: Option<PcapngWriter<()>>,
    frames: u64,
    /// Why nothing is known of what happened in it.
    lost: Option<String>,
}

/// Deals frames to rounds.
struct Dealer<'a> {
    rounds: &'a [TimedRound],
    /// How the traffic was generated, where it was.
    generated: Option<String>,
    files: Vec<RoundFile>,
    open: Option<(usize, PcapngWriter<BufWriter<File>>)>,
    latest_ns: Option<i64>,
    first_ns: Option<i64>,
    outside: u64,
    steps_back: u64,
    cut_off: Vec<(PathBuf, u64)>,
}

impl<'a> Dealer<'a> {
    fn new(rounds: &'a [TimedRound], directory: &Path, generated: Option<String>) -> Dealer<'a> {
        let digits = rounds.len().to_string().len().max(3);
        let file = |(number, round): (usize, &TimedRound)| {
            let condition: String =
                round.condition.chars().map(|c| if c.is_alphanumeric() { c } else { '_' }).take(40).collect();
            let path = directory.join("rounds").join(format!("{number:0digits$}-{condition}.pcapng"));
            RoundFile { path, writer: None, frames: 0, lost: None }
        };
        Dealer {
            rounds,
            generated,
            files: (1..).zip(rounds).map(file).collect(),
            open: None,
            latest_ns: None,
            first_ns: None,
            outside: 0,
            steps_back: 0,
            cut_off: Vec::new(),
        }
    }

    fn read(&mut self, path: &Path) -> Result<(), Error> {
        let mut capture = packets::open(path)?;
        if rayon::current_num_threads() > 1 {
            capture = capture.read_ahead();
        }
        let mut last_ns = None;
        let mut dealt = Ok(());
        let end = capture.drive(|frame| {
            last_ns = Some(frame.time_ns);
            if dealt.is_ok() {
                dealt = self.deal(frame);
            }
        })?;
        dealt?;
        self.generated = self.generated.take().or(end.generated);
        if let Some(byte) = end.cut_off_at {
            self.cut_off.push((path.to_owned(), byte));
            // what came after it in the round it ends in is unknown
            if let Some(index) = last_ns.and_then(|ns| self.round_at(ns)) {
                self.files[index].lost = Some(format!("{} ends in mid-packet, byte {byte}", path.display()));
            }
        }
        Ok(())
    }

    /// The round in whose time a moment lies.
    fn round_at(&self, time_ns: i64) -> Option<usize> {
        let after = self.rounds.partition_point(|round| round.start_ns <= time_ns);
        after.checked_sub(1).filter(|&index| time_ns < self.rounds[index].end_ns())
    }

    fn deal(&mut self, frame: &Frame<'_>) -> Result<(), Error> {
        self.note_time(frame.time_ns);
        let Some(index) = self.round_at(frame.time_ns) else {
            self.outside += 1;
            return Ok(());
        };
        self.writer_of(index)?;
        self.files[index].frames += 1;
        let written = match &mut self.open {
            Some((_, writer)) => writer.write_frame(frame),
            None => Ok(()),
        };
        written.map_err(Error::io(&self.files[index].path))
    }

    /// Rounds that begin or end in a long silence of everybody were not recorded, or not whole.
    fn note_time(&mut self, time_ns: i64) {
        self.first_ns = Some(self.first_ns.map_or(time_ns, |first| first.min(time_ns)));
        let Some(latest_ns) = self.latest_ns else {
            self.latest_ns = Some(time_ns);
            return;
        };
        if time_ns < latest_ns {
            self.steps_back += u64::from(latest_ns - time_ns > STEP_NS);
            return;
        }
        self.note_pause(latest_ns, time_ns);
        self.latest_ns = Some(time_ns);
    }

    fn note_pause(&mut self, from_ns: i64, to_ns: i64) {
        let first = self.rounds.partition_point(|round| round.end_ns() <= from_ns);
        for index in first..self.rounds.len() {
            let round = &self.rounds[index];
            if round.start_ns >= to_ns {
                break;
            }
            let silent_ns = round.end_ns().min(to_ns) - round.start_ns.max(from_ns);
            let allowed_ns = LONGEST_PAUSE_NS.min((round.duration_s * 0.5e9) as i64);
            if silent_ns > allowed_ns && self.files[index].lost.is_none() {
                let minutes = silent_ns as f64 / 60e9;
                self.files[index].lost = Some(format!("nothing was recorded for {minutes:.1} min of it"));
            }
        }
    }

    /// Opens a round's file, and closes the one before.
    fn writer_of(&mut self, index: usize) -> Result<(), Error> {
        if self.open.as_ref().is_some_and(|(open, _)| *open == index) {
            return Ok(());
        }
        self.close()?;
        let file = &mut self.files[index];
        let path = &file.path;
        let writer = match file.writer.take() {
            Some(begun) => {
                let out = OpenOptions::new().append(true).open(path).map_err(Error::io(path))?;
                begun.resumed(BufWriter::with_capacity(1 << 18, out))
            }
            None => {
                let out = File::create(path).map_err(Error::io(path))?;
                let out = BufWriter::with_capacity(1 << 18, out);
                PcapngWriter::begin(out, self.generated.as_deref()).map_err(Error::io(path))?
            }
        };
        self.open = Some((index, writer));
        Ok(())
    }

    fn close(&mut self) -> Result<(), Error> {
        if let Some((index, writer)) = self.open.take() {
            let file = &mut self.files[index];
            file.writer = Some(writer.paused().map_err(Error::io(&file.path))?);
        }
        Ok(())
    }

    fn covered_ns(&self) -> Option<(i64, i64)> {
        self.first_ns.zip(self.latest_ns)
    }

    /// The manifest's rounds, once everything has been dealt.
    fn rounds(&mut self, directory: &Path) -> Result<Vec<Round>, Error> {
        // before the first frame and after the last there is silence of everybody as well
        if let Some((first_ns, latest_ns)) = self.covered_ns() {
            self.note_pause(i64::MIN / 2, first_ns);
            self.note_pause(latest_ns, i64::MAX / 2);
        }
        let mut rounds = Vec::new();
        for (round, file) in self.rounds.iter().zip(&mut self.files) {
            if file.frames == 0 && file.lost.is_none() {
                file.lost = Some("nothing was recorded in it".to_owned());
            }
            let sha256 = match file.frames {
                0 => None,
                _ => Some(sha256_of(&file.path).map_err(Error::io(&file.path))?),
            };
            rounds.push(Round {
                capture: file.path.strip_prefix(directory).unwrap_or(&file.path).to_owned(),
                condition: round.condition.clone(),
                unit: round.unit,
                start: Some(round.start),
                duration_s: Some(round.duration_s),
                drop_s: (round.drop_s > 0.0).then_some(round.drop_s),
                sha256,
                lost: file.lost.clone(),
            });
        }
        Ok(rounds)
    }
}

#[cfg(test)]
mod tests;
