//! Writes a generated campaign: pcapng rounds and their manifest.

use crate::Error;
use crate::campaign::{self, Campaign, DeviceEntry, Generated, MANIFEST, Manifest, PlanEntry, Round};
use crate::cut::{TimedRound, Times};
use crate::engine::Engine;
use crate::unfinished::beside;
use overhear_change::plant::{self, Plant};
use overhear_synth::{self as synth, Condition, RoundPlan, Scenario, Settings};
use overhear_traffic::capture::Frames;
use overhear_traffic::capture::write::PcapngWriter;
use overhear_traffic::change::{ChangedFrames, Changes};
use overhear_traffic::packet::{Device, Mac};
use std::fs::{self, File};
use std::io::BufWriter;
use std::path::{Path, PathBuf};

/// The generated device, for manifests and reports.
pub const DEVICE_NAME: &str = "generated smart speaker";

/// The generated device's address.
pub fn device() -> Device {
    Device::Mac(Mac(synth::DEVICE_MAC))
}

/// The knobs of a generated campaign, for its manifest.
pub fn knobs(settings: &Settings) -> Generated {
    let scenario = match settings.scenario {
        Scenario::Paper => "paper",
        Scenario::Crossover => "crossover",
    };
    Generated {
        scenario: scenario.to_owned(),
        effect: settings.effect,
        day_effect: settings.day_effect,
        drift: settings.drift,
        seed: settings.seed,
        plants: Vec::new(),
    }
}

/// The condition whose rounds leaks are planted into.
pub const PLANTED: Condition = Condition::MicOnNoise;

/// The change that plants into a round of a generated campaign: those of [`PLANTED`] carry the plants, the others what
/// stands for them at dose 0.
pub fn planted(plants: &[Plant], settings: &Settings, round: &RoundPlan) -> Changes {
    let own = if round.condition == PLANTED { plants.to_vec() } else { plant::references(plants) };
    plant::changes(&own, device(), settings.seed, round.index as u64)
}

impl Generated {
    /// As it stands in a capture, so that the fact goes along with every copy of the file.
    pub fn to_comment(&self) -> String {
        // a few numbers and a name always become JSON
        serde_json::to_string(self).expect("plain JSON")
    }

    /// What stands in a capture in words; text of another program as it is.
    pub fn of_comment(text: &str) -> String {
        serde_json::from_str(text).map_or_else(|_| text.to_owned(), |knobs: Generated| knobs.in_words())
    }

    /// In words, for reports.
    pub fn in_words(&self) -> String {
        let Generated { scenario, effect, day_effect, drift, seed, plants } = self;
        let planted = match plants.join(", ") {
            none if none.is_empty() => none,
            plants => format!(", planted into {}: {plants}", PLANTED.name()),
        };
        format!(
            "scenario {scenario}, seed {seed}, effect {effect}, day effect {day_effect}, drift {drift}{planted}"
        )
    }
}

/// Which campaign is generated.
#[derive(Clone, Copy)]
pub struct Recipe<'a> {
    /// The generator's settings.
    pub settings: &'a Settings,
    /// The rounds, where they are not those of the scenario.
    pub times: Option<&'a Times>,
    /// Leaks planted into the rounds of [`PLANTED`].
    pub plants: &'a [Plant],
}

impl Recipe<'_> {
    /// What manifest and captures say of it.
    fn knobs(&self) -> Generated {
        Generated { plants: self.plants.iter().map(Plant::to_string).collect(), ..knobs(self.settings) }
    }
}

/// Generates a campaign into a new or empty directory, rounds in parallel; whole or not at all.
///
/// # Errors
/// [`Error::Settings`], [`Error::Occupied`] where the directory holds something, [`Error::UnknownCondition`] for a
/// condition of `times` that cannot be generated, [`Error::Io`], [`Error::Stopped`].
pub fn write_campaign(recipe: &Recipe<'_>, directory: &Path, engine: &Engine<'_>) -> Result<Campaign, Error> {
    let Recipe { settings, times, .. } = *recipe;
    let plans = match times {
        Some(times) => rounds_at(times)?,
        None => synth::plan(settings)?,
    };
    campaign::must_be_free(directory)?;
    let beside = beside(directory)?;
    fs::create_dir(beside.path().join("rounds")).map_err(Error::io(directory))?;
    engine.stage("generating traffic", plans.len() as u64);
    let manifest = Manifest {
        dedup: false,
        schema: campaign::SCHEMA.to_owned(),
        device: DeviceEntry { name: DEVICE_NAME.to_owned(), address: Some(device()) },
        generated: Some(recipe.knobs()),
        plan: times
            .and_then(|times| times.plan.as_deref())
            .map(|text| PlanEntry::write(text, beside.path()))
            .transpose()?,
        rounds: engine.each(&plans, |plan| write_round(recipe, plan, beside.path()))?,
    };
    fs::write(beside.path().join(MANIFEST), manifest.to_toml()).map_err(Error::io(directory))?;
    // an empty directory of that name gives way
    let _ = fs::remove_dir(directory);
    beside.rename_to(directory).map_err(Error::io(directory))?;
    Ok(Campaign { directory: directory.to_owned(), manifest })
}

/// The rounds to generate at these times.
fn rounds_at(times: &Times) -> Result<Vec<RoundPlan>, Error> {
    let known = [Condition::MicOff, Condition::MicOn, Condition::MicOnNoise];
    let first_ns = times.rounds[0].start_ns;
    let day_ns = 86_400_000_000_000;
    let place = |(index, round): (usize, &TimedRound)| {
        let found = known.into_iter().find(|condition| condition.name() == round.condition);
        let condition =
            found.ok_or_else(|| Error::UnknownCondition { condition: round.condition.clone() })?;
        Ok(RoundPlan {
            index,
            name: format!("{:03}-{}", index + 1, condition.name()),
            condition,
            unit: round.unit.unwrap_or(index as u32 + 1),
            start_ns: round.start_ns,
            duration_s: round.duration_s,
            drop_s: round.drop_s as u64,
            day: Some((round.start_ns - first_ns) / day_ns),
        })
    };
    times.rounds.iter().enumerate().map(place).collect()
}

fn write_round(recipe: &Recipe<'_>, plan: &RoundPlan, directory: &Path) -> Result<Round, Error> {
    let capture = PathBuf::from("rounds").join(format!("{}.pcapng", plan.name));
    let path = directory.join(&capture);
    let mut change = planted(recipe.plants, recipe.settings, plan);
    let frames = synth::Generated { settings: recipe.settings, plan };
    let mut frames = ChangedFrames { frames, device: device(), span: plan.span(), change: &mut change };
    write_frames(&mut frames, &path, Some(&recipe.knobs().to_comment()))?;
    let start = jiff::Timestamp::from_nanosecond(i128::from(plan.start_ns)).ok();
    Ok(Round {
        condition: plan.condition.name().to_owned(),
        unit: Some(plan.unit),
        // RFC 3339 is what TOML's date-times are
        start: start.and_then(|time| time.to_string().parse().ok()),
        duration_s: Some(plan.duration_s),
        drop_s: (plan.drop_s > 0).then_some(plan.drop_s as f64),
        sha256: Some(campaign::sha256_of(&path).map_err(Error::io(&path))?),
        lost: None,
        capture,
    })
}

/// Writes frames as a capture; `comment` stands in its header.
pub(crate) fn write_frames(
    frames: &mut impl Frames,
    path: &Path,
    comment: Option<&str>,
) -> Result<(), Error> {
    let file = BufWriter::with_capacity(1 << 20, File::create(path).map_err(Error::io(path))?);
    let mut writer = PcapngWriter::begin(file, comment).map_err(Error::io(path))?;
    let mut written = Ok(());
    frames.drive(|frame| {
        if written.is_ok() {
            written = writer.write_frame(frame);
        }
    })?;
    written.and_then(|()| writer.finish()).map(drop).map_err(Error::io(path))
}
