//! Machines of the Maybenot framework at both ends of a tunnel, run by its own crate.
//!
//! The framework knows one end: what it sends and what it receives. Both ends stand here where the packets are seen, so
//! that what one sends the other receives at once. The device's packets are sent by the client, those to it by the server.
//! A connection begins with a packet after a silence: frameworks, and machines where they are drawn, are then new, and
//! what blocking held leaves. The first begins with the first packet by which padding can be made.

use super::cells::WAYS;
use super::cover::Cover;
use super::queue::{MOST_HELD, Queue, place};
use super::{Actions, Defence, Packet, Parameter, Values, ns};
use crate::random::Random;
use maybenot::time::Instant;
use maybenot::{Framework, Machine, MachineId, Timer, TriggerAction, TriggerEvent};
use overhear_traffic::packet::Direction;
use std::sync::Arc;
use std::time::Duration;

/// When a connection is a new one.
pub(super) const IDLE: Parameter =
    Parameter::number("idle", "silence before a new connection", "s", 10.0, (0.1, 86_400.0));

/// The machines of the client and of the server.
pub(super) type Ends = [Arc<[Machine]>; 2];

/// Machines at both ends, at work.
pub(super) struct Machines {
    /// Length of padding packets.
    size: u32,
    idle_ns: i64,
    draw: Box<dyn FnMut(&mut Random) -> Ends + Send>,
    cover: Cover,
    /// Time of the latest real packet.
    latest_ns: Option<i64>,
    /// Client and server; `None`: no connection.
    ends: Option<[End; 2]>,
    /// What happens next, where and when.
    next: Option<(i64, Step, Direction)>,
}

/// One end of the tunnel.
struct End {
    framework: Framework<Arc<[Machine]>, Random, Time>,
    /// Those of each machine.
    timers: Vec<Timers>,
    blocking: Option<Blocking>,
    /// Packets that blocking holds.
    queue: Queue,
    /// Padding packets that blocking holds; they leave behind the others.
    paddings: usize,
}

#[derive(Clone, Default)]
struct Timers {
    /// When an internal timer was set that its machine was not yet told of.
    begun_ns: Option<i64>,
    internal_ns: Option<i64>,
    action: Option<(i64, Due)>,
}

#[derive(Clone, Copy)]
struct Blocking {
    until_ns: i64,
    may_be_bypassed: bool,
}

/// What an action's timer ends with.
#[derive(Clone, Copy)]
enum Due {
    Pad { bypasses: bool, may_be_replaced: bool },
    Block { length_ns: i64, may_be_bypassed: bool, replaces: bool },
}

/// What happens next at an end; of what is due at once, the first of these.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    TimerBegins(usize),
    BlockingEnds,
    TimerEnds(usize),
    Acts(usize),
}

/// Nanoseconds since 1970, as the framework's time.
#[derive(Clone, Copy)]
struct Time(i64);

impl Instant for Time {
    type Duration = Duration;

    fn saturating_duration_since(&self, earlier: Time) -> Duration {
        if self.0 > earlier.0 { Duration::from_nanos(self.0.abs_diff(earlier.0)) } else { Duration::ZERO }
    }
}

impl Machines {
    /// `draw`: makes the machines of a connection, which are valid.
    pub fn build(
        values: &Values,
        random: Random,
        draw: impl FnMut(&mut Random) -> Ends + Send + 'static,
    ) -> Box<dyn Defence> {
        Box::new(Machines {
            size: values.number("size") as u32,
            idle_ns: ns(values.number("idle")),
            draw: Box::new(draw),
            cover: Cover::new(random),
            latest_ns: None,
            ends: None,
            next: None,
        })
    }

    fn connect(&mut self, now_ns: i64) {
        let random = self.cover.random();
        let ends = (self.draw)(random);
        self.ends = Some(ends.map(|machines| End::new(machines, random.fork(), now_ns)));
    }

    /// Lets out what is held and forgets the connection.
    fn disconnect(&mut self, out: &mut Actions) {
        self.ends.iter_mut().flatten().for_each(|end| end.queue.let_out(out));
        (self.ends, self.latest_ns, self.next) = (None, None, None);
    }

    fn end(&mut self, way: Direction) -> Option<&mut End> {
        self.ends.as_mut().map(|ends| &mut ends[place(way)])
    }

    fn trigger(&mut self, way: Direction, event: TriggerEvent, now_ns: i64) {
        if let Some(end) = self.end(way) {
            end.trigger(event, now_ns);
        }
    }

    /// A packet went through the tunnel: this end sent it, and the other one received it as what it is.
    fn went(&mut self, way: Direction, is_padding: bool, now_ns: i64) {
        self.trigger(way, TriggerEvent::TunnelSent, now_ns);
        let received = if is_padding { TriggerEvent::PaddingRecv } else { TriggerEvent::NormalRecv };
        for event in [TriggerEvent::TunnelRecv, received] {
            self.trigger(way.opposite(), event, now_ns);
        }
    }

    /// Sends the first packet that blocking holds; false where it holds none.
    fn send_held(&mut self, way: Direction, now_ns: i64, out: &mut Actions) -> bool {
        let Some(end) = self.end(way) else { return false };
        if let Some(packet) = end.queue.pop() {
            out.send(packet);
            self.went(way, false, now_ns);
            return true;
        }
        let is_held = end.paddings > 0;
        end.paddings -= usize::from(is_held);
        if is_held {
            self.send_padding(way, now_ns, out);
        }
        is_held
    }

    fn send_padding(&mut self, way: Direction, now_ns: i64, out: &mut Actions) {
        if self.cover.send(way, self.size, out) {
            self.went(way, true, now_ns);
        }
    }

    /// A padding packet is due. Where blocking holds something, that may stand for it.
    fn pad(
        &mut self,
        way: Direction,
        (bypasses, may_be_replaced): (bool, bool),
        now_ns: i64,
        out: &mut Actions,
    ) {
        let Some(end) = self.end(way) else { return };
        let passes = end.blocking.is_none_or(|own| own.may_be_bypassed && bypasses);
        let is_any_held = !end.queue.is_empty() || end.paddings > 0;
        match (may_be_replaced && is_any_held, passes) {
            (true, true) => {
                self.send_held(way, now_ns, out);
            }
            (true, false) => {}
            (false, true) => self.send_padding(way, now_ns, out),
            (false, false) => end.paddings = (end.paddings + 1).min(MOST_HELD),
        }
    }

    /// Looks for what happens next, once all that happens now was told.
    fn look_ahead(&mut self) {
        let of = |way| {
            let (due_ns, step) = self.ends.as_ref()?[place(way)].next()?;
            Some((due_ns, step, way))
        };
        self.next = WAYS.into_iter().filter_map(of).min_by_key(|(due_ns, step, _)| (*due_ns, *step));
    }

    fn step(&mut self, step: Step, way: Direction, now_ns: i64, out: &mut Actions) {
        let Some(end) = self.end(way) else { return };
        match step {
            Step::TimerBegins(at) => {
                end.timers[at].begun_ns = None;
                end.trigger(TriggerEvent::TimerBegin { machine: MachineId::from_raw(at) }, now_ns);
            }
            Step::TimerEnds(at) => {
                end.timers[at].internal_ns = None;
                end.trigger(TriggerEvent::TimerEnd { machine: MachineId::from_raw(at) }, now_ns);
            }
            Step::BlockingEnds => {
                end.blocking = None;
                end.trigger(TriggerEvent::BlockingEnd, now_ns);
                while self.send_held(way, now_ns, out) {}
            }
            Step::Acts(at) => {
                let machine = MachineId::from_raw(at);
                match end.timers[at].action.take() {
                    Some((_, Due::Pad { bypasses, may_be_replaced })) => {
                        end.trigger(TriggerEvent::PaddingSent { machine }, now_ns);
                        self.pad(way, (bypasses, may_be_replaced), now_ns, out);
                    }
                    Some((_, Due::Block { length_ns, may_be_bypassed, replaces })) => {
                        let until_ns = now_ns.saturating_add(length_ns);
                        if replaces || end.blocking.is_none_or(|own| own.until_ns < until_ns) {
                            end.blocking = Some(Blocking { until_ns, may_be_bypassed });
                        }
                        end.trigger(TriggerEvent::BlockingBegin { machine }, now_ns);
                    }
                    None => {}
                }
            }
        }
    }
}

impl End {
    fn new(machines: Arc<[Machine]>, random: Random, now_ns: i64) -> End {
        let timers = vec![Timers::default(); machines.len()];
        // no fraction is out of range, and every machine was checked when it was made
        let framework = Framework::new(machines, 0.0, 0.0, Time(now_ns), random).expect("valid machines");
        End { framework, timers, blocking: None, queue: Queue::default(), paddings: 0 }
    }

    /// Tells the machines what happened, and sets the timers that they ask for.
    fn trigger(&mut self, event: TriggerEvent, now_ns: i64) {
        let nanos = |length: Duration| i64::try_from(length.as_nanos()).unwrap_or(i64::MAX);
        let after = |length: Duration| now_ns.saturating_add(nanos(length));
        for action in self.framework.trigger_events(&[event], Time(now_ns)) {
            match *action {
                TriggerAction::Cancel { machine, timer } => {
                    let own = &mut self.timers[machine.into_raw()];
                    if timer != Timer::Internal {
                        own.action = None;
                    }
                    if timer != Timer::Action {
                        (own.internal_ns, own.begun_ns) = (None, None);
                    }
                }
                TriggerAction::SendPadding { timeout, bypass, replace, machine } => {
                    let due = Due::Pad { bypasses: bypass, may_be_replaced: replace };
                    self.timers[machine.into_raw()].action = Some((after(timeout), due));
                }
                TriggerAction::BlockOutgoing { timeout, duration, bypass, replace, machine } => {
                    let length_ns = nanos(duration);
                    let due = Due::Block { length_ns, may_be_bypassed: bypass, replaces: replace };
                    self.timers[machine.into_raw()].action = Some((after(timeout), due));
                }
                TriggerAction::UpdateTimer { duration, replace, machine } => {
                    let own = &mut self.timers[machine.into_raw()];
                    let until_ns = after(duration);
                    if replace || own.internal_ns.is_none_or(|internal_ns| internal_ns < until_ns) {
                        (own.internal_ns, own.begun_ns) = (Some(until_ns), Some(now_ns));
                    }
                }
            }
        }
    }

    fn next(&self) -> Option<(i64, Step)> {
        let of_machine = |(at, own): (usize, &Timers)| {
            let begins = own.begun_ns.map(|begun_ns| (begun_ns, Step::TimerBegins(at)));
            let ends = own.internal_ns.map(|internal_ns| (internal_ns, Step::TimerEnds(at)));
            let acts = own.action.map(|(due_ns, _)| (due_ns, Step::Acts(at)));
            [begins, ends, acts].into_iter().flatten().min()
        };
        let unblocks = self.blocking.map(|own| (own.until_ns, Step::BlockingEnds));
        self.timers.iter().enumerate().filter_map(of_machine).chain(unblocks).min()
    }
}

impl Defence for Machines {
    fn begin(&mut self, _: i64) {
        (self.ends, self.latest_ns, self.next) = (None, None, None);
    }

    fn take(&mut self, now_ns: i64, packet: Packet, out: &mut Actions) {
        self.cover.see(&packet);
        if !self.cover.is_ready() {
            // machines whose padding would come to nothing wait for it for ever
            return out.send(packet);
        }
        let goes_on = |latest_ns: i64| now_ns.abs_diff(latest_ns) < self.idle_ns as u64;
        if !self.latest_ns.is_some_and(goes_on) {
            self.disconnect(out);
            self.connect(now_ns);
        }
        self.latest_ns = Some(now_ns);
        let way = packet.direction();
        self.trigger(way, TriggerEvent::NormalSent, now_ns);
        match self.end(way) {
            Some(end) if end.blocking.is_some() => end.queue.push(packet, out),
            _ => {
                out.send(packet);
                self.went(way, false, now_ns);
            }
        }
        self.look_ahead();
    }

    fn wake_ns(&self) -> Option<i64> {
        self.next.map(|(due_ns, _, _)| due_ns)
    }

    fn wake(&mut self, now_ns: i64, out: &mut Actions) {
        // one step a time, so that machines which never rest use up the driver's steps
        if let Some((_, step, way)) = self.next.filter(|(due_ns, _, _)| *due_ns <= now_ns) {
            self.step(step, way, now_ns, out);
            self.look_ahead();
        }
    }

    fn finish(&mut self, _: i64, out: &mut Actions) {
        self.disconnect(out);
    }
}
