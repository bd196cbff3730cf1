//! Writes the rounds of a campaign as captures of their defended traffic.

use crate::Error;
use crate::assemble::{RoundSource, Source, Stack};
use crate::campaign::{self, DeviceEntry, MANIFEST, Manifest, Round};
use crate::engine::Engine;
use crate::experiment::audit::Gathered;
use crate::generate::write_frames;
use crate::table::packets;
use crate::unfinished::beside;
use overhear_synth as synth;
use overhear_traffic::capture::Frames;
use overhear_traffic::change::ChangedFrames;
use overhear_traffic::packet::Device;
use std::fs;
use std::path::{Path, PathBuf};

/// Writes the rounds that are used, behind a stack of defences, into a new or empty directory as a campaign; whole or not at all. Altered and
/// added packets hold headers alone; the captures say that they were generated where what they were made of was. How many rounds.
///
/// # Errors
/// [`Error::NoPacketsToDefend`] of a table, [`Error::Occupied`] where the directory holds something, [`Error::Traffic`], [`Error::Io`],
/// [`Error::Stopped`].
pub fn write_campaign(
    gathered: &Gathered,
    stack: &Stack,
    directory: &Path,
    engine: &Engine<'_>,
) -> Result<usize, Error> {
    let device = gathered.look().ok_or(Error::NoPacketsToDefend)?.device;
    campaign::must_be_free(directory)?;
    let beside = beside(directory)?;
    fs::create_dir(beside.path().join("rounds")).map_err(Error::io(directory))?;
    let sources = gathered.sources_behind(stack);
    engine.stage("writing captures", sources.len() as u64);
    let said = gathered.generated.as_deref();
    let rounds = engine.each(&sources, |source| write_round(source, device, said, beside.path()))?;
    let settings: Vec<String> = stack.settings.iter().map(ToString::to_string).collect();
    let manifest = Manifest {
        dedup: false,
        schema: campaign::SCHEMA.to_owned(),
        device: DeviceEntry {
            name: format!("{} behind {}", gathered.device, settings.join(" ")),
            address: (device != Device::Any).then_some(device),
        },
        generated: None,
        plan: None,
        rounds,
    };
    fs::write(beside.path().join(MANIFEST), manifest.to_toml()).map_err(Error::io(directory))?;
    // an empty directory of that name gives way
    let _ = fs::remove_dir(directory);
    beside.rename_to(directory).map_err(Error::io(directory))?;
    Ok(sources.len())
}

fn write_round(
    source: &RoundSource,
    device: Device,
    said: Option<&str>,
    directory: &Path,
) -> Result<Round, Error> {
    let capture = PathBuf::from("rounds").join(format!(
        "{:03}-{}.pcapng",
        source.place + 1,
        file_name(&source.condition)
    ));
    let path = directory.join(&capture);
    match &source.source {
        Source::Capture(from) => write(packets::open(from)?, source, device, (&path, said))?,
        Source::Generated(generated) => {
            let (settings, plan) = (&generated.0, &generated.1);
            write(synth::Generated { settings, plan }, source, device, (&path, said))?;
        }
    }
    let time = |ns: i64| jiff::Timestamp::from_nanosecond(i128::from(ns)).ok();
    Ok(Round {
        condition: source.condition.clone(),
        unit: source.unit,
        // RFC 3339 is what TOML's date-times are
        start: source.start_ns.and_then(time).and_then(|time| time.to_string().parse().ok()),
        duration_s: source.duration_s,
        drop_s: (source.drop_s > 0.0).then_some(source.drop_s),
        sha256: Some(campaign::sha256_of(&path).map_err(Error::io(&path))?),
        lost: None,
        capture,
    })
}

fn write(
    frames: impl Frames,
    source: &RoundSource,
    device: Device,
    (path, said): (&Path, Option<&str>),
) -> Result<(), Error> {
    let Some(mut change) = source.change(device) else { return Ok(()) };
    write_frames(&mut ChangedFrames { frames, device, span: source.span(), change: &mut change }, path, said)
}

/// A condition as part of a file's name.
fn file_name(condition: &str) -> String {
    condition.chars().map(|c| if c.is_alphanumeric() || "-_.".contains(c) { c } else { '_' }).collect()
}
