//! Recordings built by hand, cut.

use super::*;
use crate::progress::Silent;
use overhear_traffic::capture::write::PcapWriter;
use overhear_traffic::capture::{CaptureReader, LinkType};

const S: i64 = 1_000_000_000;
/// 2026-12-01T08:00:00Z
const START: i64 = 1_796_112_000 * S;

fn capture(path: &Path, seconds: impl Iterator<Item = i64>) {
    let mut writer = PcapWriter::new(File::create(path).unwrap(), LinkType::ETHERNET).unwrap();
    for at in seconds {
        writer.write(START + at * S, &[7; 60], 60).unwrap();
    }
    writer.finish().unwrap();
}

/// Four rounds of five minutes, one minute apart.
fn times() -> Times {
    let row = |(number, condition): (u32, &str)| {
        let minute = 6 * number;
        format!("{condition},2026-12-01T08:{minute:02}:00Z,300,{}\n", number / 2 + 1)
    };
    let rows: String = (0..).zip(["a", "b", "b", "a"]).map(row).collect();
    Times::of_csv(&format!("condition,start,duration_s,unit\n{rows}")).unwrap()
}

fn cut_up(captures: &[PathBuf], times: &Times, directory: &Path) -> Result<Cut, Error> {
    let recording = Recording { captures, times, device: None, name: "speaker", dedup: false };
    cut(&recording, directory, &Engine::new(&Silent))
}

#[test]
fn every_frame_goes_to_the_round_it_lies_in() {
    let folder = tempfile::tempdir().unwrap();
    let [late, early] = ["a.pcap", "b.pcap"].map(|name| folder.path().join(name));
    // rotated in mid-round, the later part named first
    capture(&late, 400..1500);
    capture(&early, -20..400);
    let out = folder.path().join("campaign");
    let cut = cut_up(&[late, early], &times(), &out).unwrap();
    assert_eq!(cut.frames, [300; 4]);
    assert_eq!((cut.outside, cut.steps_back), (1520 - 1200, 0));
    let campaign = Campaign::open(&out).unwrap();
    assert_eq!(campaign.conditions(), ["a", "b"]);
    for (index, round) in campaign.manifest.rounds.iter().enumerate() {
        assert_eq!((round.lost.as_deref(), round.unit), (None, Some(index as u32 / 2 + 1)));
        campaign.check_round(index, &Engine::new(&Silent)).unwrap();
        let mut capture = CaptureReader::open(&campaign.capture_path(round)).unwrap();
        let first = capture.next_frame().unwrap().unwrap().time_ns;
        assert_eq!(first, START + index as i64 * 360 * S);
    }
    assert!(matches!(cut_up(&[], &times(), &out), Err(Error::Occupied { .. })));
}

#[test]
fn rounds_that_were_not_recorded_are_lost() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.pcap");
    // begins in the second round, pauses through most of the third, ends in mid-packet in the fourth
    capture(&path, (500..760).chain(1000..1200));
    let whole = fs::read(&path).unwrap();
    fs::write(&path, &whole[..whole.len() - 7]).unwrap();
    let cut = cut_up(&[path], &times(), &folder.path().join("campaign")).unwrap();
    let lost: Vec<&str> =
        cut.campaign.manifest.rounds.iter().map(|round| round.lost.as_deref().unwrap_or("")).collect();
    assert!(lost[0].contains("nothing was recorded for 5.0 min"), "{lost:?}");
    assert_eq!(lost[1], "", "more than half of it was recorded: an audit looks closer");
    assert!(lost[2].contains("nothing was recorded for 4.0 min"), "{lost:?}");
    assert!(lost[3].contains("ends in mid-packet"), "{lost:?}");
    assert_eq!(cut.cut_off.len(), 1);
}

#[test]
fn a_recording_of_another_day_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.pcap");
    capture(&path, 90_000..90_100);
    let error = cut_up(&[path], &times(), &folder.path().join("campaign")).unwrap_err().to_string();
    assert!(error.contains("the recording lasts from 2026-12-02 09:00:00 UTC"), "{error}");
    assert!(!folder.path().join("campaign").exists());
}

#[test]
fn a_plan_gives_rounds_device_and_proof() {
    use crate::schedule::{Design, Schedule};
    use std::time::Duration;
    let minutes = |n: u64| Duration::from_secs(60 * n);
    let design = Design {
        units: 2,
        round: minutes(5),
        pause: minutes(1),
        drop: minutes(1),
        days: 1,
        conditions: vec!["on".into(), "off".into()],
        seed: 3,
    };
    let device: Device = "02:00:00:00:00:01".parse().unwrap();
    let schedule = Schedule::draw(&design).unwrap();
    let start = "2026-12-01T08:00:00Z".parse().unwrap();
    let dated = schedule.to_toml(("mini", Some(device)), Some(start), Some(start));
    let times = Times::of_plan(&dated, None).unwrap();
    assert_eq!((times.device, &times.name[..], times.rounds.len()), (Some(device), "mini", 4));
    assert_eq!(times.rounds[1].start_ns - times.rounds[0].start_ns, 360 * S);
    assert_eq!(Times::of_plan(&dated, Some(start)).unwrap_err(), TimesFault::HasDates);
    let undated = schedule.to_toml(("", None), None, None);
    assert_eq!(Times::of_plan(&undated, None).unwrap_err(), TimesFault::NoDates);
    let moved = Times::of_plan(&undated, Some(start)).unwrap();
    assert_eq!(
        moved.rounds.iter().map(|r| r.start_ns).collect::<Vec<_>>(),
        times.rounds.iter().map(|r| r.start_ns).collect::<Vec<_>>()
    );
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.pcap");
    capture(&path, 0..60_000);
    let out = folder.path().join("campaign");
    let recording = Recording { captures: &[path], times: &times, device: None, name: "", dedup: false };
    let cut = cut(&recording, &out, &Engine::new(&Silent)).unwrap();
    assert!(cut.frames.iter().all(|&frames| frames == 300), "{:?}", cut.frames);
    let campaign = Campaign::open(&out).unwrap();
    assert_eq!((campaign.device(), &campaign.manifest.device.name[..]), (device, "mini"));
    assert!(campaign.plan().unwrap().is_ok());
}
