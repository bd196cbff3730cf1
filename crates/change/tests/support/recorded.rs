//! A device's events in memory, as a change is given them: of a capture, of a packet table, generated.
#![allow(dead_code, reason = "each user needs some of it")]

use overhear_change::defence::{Cost, Defended, Rates, Setting};
use overhear_synth::{self as synth, Generated, Settings};
use overhear_traffic::Error;
use overhear_traffic::capture::{CaptureReader, Frames};
use overhear_traffic::change::{Change, Out};
use overhear_traffic::event::Event;
use overhear_traffic::observer::{Observer, crossing};
use overhear_traffic::packet::{Device, Direction, Mac};
use overhear_traffic::trace::{self, Span, View};
use overhear_traffic::wire::{self, Captured};
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::Path;

/// A device's events, and where a stretch ends.
#[derive(Default)]
pub struct Recorded {
    span: Span,
    list: Vec<Recording>,
}

#[derive(Clone, Copy)]
enum Recording {
    Event(Event, Option<Direction>),
    Step,
}

impl Change for Recorded {
    fn begin(&mut self, span: Span) {
        self.span = span;
    }

    fn take(&mut self, event: &Event, direction: Option<Direction>, _: &mut Out<'_>) {
        self.list.push(Recording::Event(*event, direction));
    }

    fn step(&mut self, _: &mut Out<'_>) {
        self.list.push(Recording::Step);
    }
}

impl Recorded {
    /// The first of three generated days of one condition, so many ns at most. `place`: the condition's in the paper's
    /// scenario; 1 is on in a quiet room, 2 in noise.
    pub fn generated(place: usize, most_ns: i64) -> Recorded {
        let settings = Settings::default();
        let plan = &synth::plan(&settings).expect("the usual settings")[place];
        let Span { end_ns, .. } = plan.span();
        let span = Span {
            end_ns: end_ns.map(|end_ns| end_ns.min(plan.start_ns.saturating_add(most_ns))),
            ..plan.span()
        };
        let frames = Generated { settings: &settings, plan };
        Recorded::frames(frames, Device::Mac(Mac(synth::DEVICE_MAC)), span).expect("whole frames")
    }

    /// The device's events of a capture.
    pub fn capture(path: &Path, device: Device) -> Result<Recorded, Error> {
        Recorded::frames(CaptureReader::open(path)?, device, Span::default())
    }

    fn frames(mut frames: impl Frames, device: Device, span: Span) -> Result<Recorded, Error> {
        let mut recorded = Recorded::default();
        let view = View { device, observers: &[Observer::Gateway], span, dedup: false };
        trace::read_changed(&mut frames, &view, &mut recorded, |_| {})?;
        Ok(recorded)
    }

    /// The traces of a packet table, each a stretch.
    pub fn table(path: &Path) -> Result<Recorded, Error> {
        let (mut recorded, mut n) = (Recorded::default(), 0);
        let mut capture = CaptureReader::open(path)?;
        let columns = capture.key_columns();
        capture.split_by(&columns)?;
        while capture.next_trace()?.is_some() {
            while let Some(frame) = capture.next_frame()? {
                let event = Event { number: Some(n), ..Event::of(&frame, &wire::decode(&frame)) };
                n += 1;
                let Captured::Listed(direction) = event.link.captured else { continue };
                recorded.list.push(Recording::Event(event, Some(direction)));
            }
            recorded.list.push(Recording::Step);
        }
        Ok(recorded)
    }

    /// Events with their directions, all stretches.
    pub fn events(&self) -> impl Iterator<Item = (&Event, Option<Direction>)> {
        self.list.iter().filter_map(|one| match one {
            Recording::Event(event, direction) => Some((event, *direction)),
            Recording::Step => None,
        })
    }

    /// How many events there are.
    pub fn packets(&self) -> usize {
        self.events().count()
    }

    /// Their bytes on the wire.
    pub fn bytes(&self) -> u64 {
        self.events().map(|(event, _)| u64::from(event.length_bytes)).sum()
    }

    /// How long it is: the round where that is known, else from first to last event of each stretch.
    pub fn seconds(&self) -> f64 {
        if let Span { start_ns: Some(start_ns), end_ns: Some(end_ns), .. } = self.span {
            return (end_ns - start_ns) as f64 / 1e9;
        }
        let stretches = self.list.split(|one| matches!(one, Recording::Step));
        let ends = stretches.filter_map(|own| match (own.first()?, own.last()?) {
            (Recording::Event(first, _), Recording::Event(last, _)) => Some(last.time_ns - first.time_ns),
            _ => None,
        });
        ends.sum::<i64>() as f64 / 1e9
    }

    /// The far end of most packets that cross the gateway; `None` where no addresses are known.
    pub fn busiest(&self) -> Option<IpAddr> {
        let mut packets: BTreeMap<IpAddr, u32> = BTreeMap::new();
        for (event, direction) in self.events() {
            let Some((network, way)) = event.network.zip(crossing(event, direction)) else { continue };
            let far = if way == Direction::Out { network.target } else { network.source };
            *packets.entry(far).or_default() += 1;
        }
        packets.into_iter().max_by_key(|(_, packets)| *packets).map(|(far, _)| far)
    }

    /// Sends it through a change; what comes out of it.
    pub fn play(&self, change: &mut dyn Change, out: &mut Out<'_>) {
        change.begin(self.span);
        for one in &self.list {
            match one {
                Recording::Event(event, direction) => change.take(event, *direction, out),
                Recording::Step => change.step(out),
            }
        }
        change.finish(self.span.end_ns, out);
    }

    /// What a defence costs.
    pub fn defended(&self, setting: &Setting, rates: Rates) -> Cost {
        let mut change = Defended::new(std::slice::from_ref(setting), rates, 1, 0);
        self.play(&mut change, &mut |_| {});
        change.cost()
    }
}
