//! A stack of defences over a trace, in virtual time, with a link behind them.

use super::actions::{Action, Actions};
use super::cost::{Cost, Counting};
use super::link::{Free, Line, Rates};
use super::packet::{Origin, Packet, Real, is_packet};
use super::setting::Setting;
use super::{Defence, SECOND_NS};
use overhear_traffic::change::{Change, Out};
use overhear_traffic::event::Event;
use overhear_traffic::packet::Direction;
use overhear_traffic::trace::Span;
use std::sync::{Arc, Mutex, PoisonError};

/// A longer silence is not run through: whoever recorded was away, or the clock was wrong.
const LONGEST_SILENCE_NS: u64 = 24 * 3600 * SECOND_NS as u64;

/// Most timers that are run and packets that are added in a round, together.
const MOST_STEPS: u64 = 1 << 30;

/// A stack of defences at work on one round, in virtual time, with a link of a stated rate behind them.
///
/// Frames that carry no packet stay at home and go by at once. Timers run between events and until the round's end.
/// What is held then leaves behind it, at the times at which it would have; cover does not. What the device did is as
/// it was recorded: end points that would have reacted to delay or loss do not.
///
/// The driver counts the [`Cost`]; [`Defended::ledger`] tells it where the change itself is out of reach.
pub struct Defended {
    stack: Vec<Box<dyn Defence>>,
    /// What each of them wants done; empty between calls.
    actions: Vec<Actions>,
    line: Line,
    rates: Rates,
    /// The link as it would be without a defence.
    undefended: Free,
    span: Span,
    has_begun: bool,
    /// Virtual time, ns; `None` between stretches.
    now_ns: Option<i64>,
    /// Cover that leaves later is not of the round.
    cover_until_ns: i64,
    /// How many steps are left.
    left: u64,
    has_given_up: bool,
    counting: Counting,
    ledger: Ledger,
}

/// Where changes that were handed on leave their cost, one or several of them.
#[derive(Debug, Clone, Default)]
pub struct Ledger(Arc<Mutex<Counting>>);

impl Ledger {
    /// The cost of the rounds that are over, together.
    pub fn cost(&self) -> Cost {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).cost()
    }

    fn add(&self, round: &Counting) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).merge(round);
    }
}

impl Defended {
    /// Defences of the register, in the order in which packets meet them, each with random numbers of its own: equal
    /// arguments give equal changes, and rounds differ.
    pub fn new(settings: &[Setting], rates: Rates, seed: u64, round: u64) -> Defended {
        let built = (0..).zip(settings).map(|(place, setting)| setting.build_at(seed, round, place));
        Defended::of(built.collect(), rates)
    }

    /// Defences as they were made.
    pub fn of(stack: Vec<Box<dyn Defence>>, rates: Rates) -> Defended {
        Defended {
            actions: stack.iter().map(|_| Actions::default()).collect(),
            stack,
            line: Line::new(rates),
            rates,
            undefended: Free::new(rates),
            span: Span::default(),
            has_begun: false,
            now_ns: None,
            cover_until_ns: i64::MAX,
            left: MOST_STEPS,
            has_given_up: false,
            counting: Counting::default(),
            ledger: Ledger::default(),
        }
    }

    /// The same with another bound of timers run and packets added, together; it is 2³⁰. Once they are used up,
    /// what is held leaves, and packets pass by.
    #[must_use]
    pub fn with_most_steps(self, most_steps: u64) -> Defended {
        Defended { left: most_steps, ..self }
    }

    /// What it cost so far.
    pub fn cost(&self) -> Cost {
        self.counting.cost()
    }

    /// The same, leaving its cost where others leave theirs.
    #[must_use]
    pub fn with_ledger(self, ledger: &Ledger) -> Defended {
        Defended { ledger: ledger.clone(), ..self }
    }

    /// Tells the cost once the round is over.
    pub fn ledger(&self) -> Ledger {
        self.ledger.clone()
    }

    /// A stretch begins with an event of this time, the first one with the round.
    fn begin_stretch(&mut self, time_ns: i64) {
        let is_first = !std::mem::replace(&mut self.has_begun, true);
        let is_near = |start_ns: &i64| *start_ns <= time_ns && is_run_through(*start_ns, time_ns);
        let begin_ns = self.span.start_ns.filter(|start_ns| is_first && is_near(start_ns)).unwrap_or(time_ns);
        (self.line, self.undefended) = (Line::new(self.rates), Free::new(self.rates));
        self.begin_defences(begin_ns);
    }

    fn begin_defences(&mut self, now_ns: i64) {
        self.stack.iter_mut().for_each(|defence| defence.begin(now_ns));
        self.cover_until_ns = self.span.end_ns.map_or(i64::MAX, |end_ns| end_ns.saturating_sub(1));
        self.now_ns = Some(now_ns);
    }

    /// Goes on to a time: runs the timers that end until then, and lets out what has left by then.
    fn go_on(&mut self, until_ns: i64, out: &mut Out<'_>) {
        while let Some((at, wake_ns)) = self.next_timer().filter(|(_, wake_ns)| *wake_ns <= until_ns) {
            if !self.run_timer(at, wake_ns, out) {
                break;
            }
        }
        self.now_ns = self.now_ns.max(Some(until_ns));
        self.let_out(until_ns, out);
    }

    /// Which defence is to be woken first, and when.
    fn next_timer(&self) -> Option<(usize, i64)> {
        let timers = self.stack.iter().enumerate().filter_map(|(at, own)| Some((at, own.wake_ns()?)));
        timers.min_by_key(|(_, wake_ns)| *wake_ns)
    }

    /// Wakes a defence; false where no step is left.
    fn run_timer(&mut self, at: usize, wake_ns: i64, out: &mut Out<'_>) -> bool {
        let now_ns = self.now_ns.map_or(wake_ns, |now_ns| now_ns.max(wake_ns));
        if !self.take_step() {
            self.give_up(now_ns);
            return false;
        }
        self.now_ns = Some(now_ns);
        self.stack[at].wake(now_ns, &mut self.actions[at]);
        self.hand_on(at, now_ns);
        self.let_out(now_ns, out);
        true
    }

    fn take_step(&mut self) -> bool {
        let is_one_left = self.left > 0;
        self.left = self.left.saturating_sub(1);
        is_one_left
    }

    /// Lets go of the defences: what they hold leaves, and what comes passes by.
    fn give_up(&mut self, now_ns: i64) {
        self.has_given_up = true;
        self.flush(now_ns);
        self.stack.clear();
        self.actions.clear();
    }

    /// Ends every defence in turn, once the ones before it have let out all they held.
    fn flush(&mut self, now_ns: i64) {
        for at in 0..self.stack.len() {
            self.stack[at].finish(now_ns, &mut self.actions[at]);
            self.hand_on(at, now_ns);
        }
        self.counting.all_emerged();
    }

    /// Gives a packet to a defence, or to the link behind the last one.
    fn give(&mut self, at: usize, mut packet: Packet, now_ns: i64) {
        packet.event.time_ns = now_ns;
        match self.stack.get_mut(at) {
            Some(defence) => {
                defence.take(now_ns, packet, &mut self.actions[at]);
                self.hand_on(at, now_ns);
            }
            None => self.send(packet, now_ns),
        }
    }

    /// Does what a defence wants done.
    fn hand_on(&mut self, at: usize, now_ns: i64) {
        let mut actions = std::mem::take(&mut self.actions[at]);
        for action in actions.drain() {
            match action {
                Action::Send(packet) => {
                    if packet.is_cover() && !self.take_step() {
                        continue;
                    }
                    self.give(at + 1, packet, now_ns);
                }
                Action::Drop(packet) => {
                    self.emerges(&packet);
                    self.drop_packet(&packet);
                }
            }
        }
        self.actions[at] = actions;
    }

    /// Puts a packet on the link, where its queue has room.
    fn send(&mut self, mut packet: Packet, now_ns: i64) {
        packet.event.length_bytes = packet.event.length_bytes.max(packet.least_bytes);
        self.emerges(&packet);
        if !self.line.has_room(packet.direction()) {
            return self.drop_packet(&packet);
        }
        if !matches!(packet.origin, Origin::Real(_)) {
            self.counting.hold(packet.event.length_bytes);
        }
        self.line.push(packet, now_ns);
    }

    fn emerges(&mut self, packet: &Packet) {
        if let Origin::Real(real) = packet.origin {
            self.counting.emerged(packet.direction(), real.length_bytes);
        }
    }

    fn drop_packet(&mut self, packet: &Packet) {
        let (direction, length_bytes) = (packet.direction(), packet.event.length_bytes);
        match packet.origin {
            Origin::Real(real) => {
                self.counting.release(real.length_bytes);
                self.counting.dropped(direction, real.length_bytes);
            }
            Origin::Part(_) => self.counting.part_dropped(direction, length_bytes),
            Origin::Cover => {}
        }
    }

    /// Lets out what has left the link by then.
    fn let_out(&mut self, until_ns: i64, out: &mut Out<'_>) {
        while let Some((time_ns, packet)) = self.line.pop(until_ns) {
            let (direction, length_bytes) = (packet.direction(), packet.event.length_bytes);
            let mut number = None;
            match packet.origin {
                Origin::Real(real) => {
                    number = real.number;
                    let late_ns = if time_ns > real.due_ns { time_ns.abs_diff(real.due_ns) } else { 0 };
                    self.counting.release(real.length_bytes);
                    self.counting.left(direction, real.length_bytes, length_bytes, late_ns);
                }
                Origin::Part(_) => {
                    self.counting.release(length_bytes);
                    self.counting.part_left(direction, length_bytes);
                }
                Origin::Cover => {
                    self.counting.release(length_bytes);
                    if time_ns > self.cover_until_ns {
                        continue;
                    }
                    self.counting.cover_left(direction, length_bytes);
                }
            }
            out(&Event { time_ns, number, ..packet.event });
        }
    }

    /// Ends a stretch: what is held leaves.
    fn end_stretch(&mut self, out: &mut Out<'_>) {
        self.end_defences(out);
        self.let_out(i64::MAX, out);
        self.now_ns = None;
    }

    /// Ends the defences: timers run on until no real packet is held, without cover.
    fn end_defences(&mut self, out: &mut Out<'_>) {
        let Some(now_ns) = self.now_ns else { return };
        self.cover_until_ns = self.cover_until_ns.min(now_ns);
        while self.counting.is_any_inside()
            && let Some((at, wake_ns)) = self.next_timer()
            && self.run_timer(at, wake_ns, out)
        {}
        self.flush(self.now_ns.unwrap_or(now_ns));
    }
}

fn is_run_through(from_ns: i64, until_ns: i64) -> bool {
    until_ns.abs_diff(from_ns) <= LONGEST_SILENCE_NS
}

impl Change for Defended {
    fn begin(&mut self, span: Span) {
        self.span = span;
    }

    fn take(&mut self, event: &Event, direction: Option<Direction>, out: &mut Out<'_>) {
        let Some(direction) = direction else { return out(event) };
        match self.now_ns {
            None => self.begin_stretch(event.time_ns),
            Some(now_ns) if !is_run_through(now_ns, event.time_ns) => {
                self.end_defences(out);
                self.begin_defences(event.time_ns.max(self.now_ns.unwrap_or(now_ns)));
            }
            Some(_) => {}
        }
        self.go_on(event.time_ns, out);
        let now_ns = self.now_ns.unwrap_or(event.time_ns);
        let Event { number, length_bytes, .. } = *event;
        self.counting.came(direction, length_bytes);
        if !is_packet(event) {
            self.counting.went_by(direction, length_bytes);
            return out(&Event { time_ns: now_ns, ..*event });
        }
        let due_ns = self.undefended.take(direction, length_bytes, now_ns);
        let packet = Packet::of(*event, direction, Origin::Real(Real { number, length_bytes, due_ns }));
        self.counting.entered(direction, length_bytes);
        self.counting.undefended_packets += u64::from(self.has_given_up);
        self.give(0, packet, now_ns);
        self.let_out(now_ns, out);
    }

    fn step(&mut self, out: &mut Out<'_>) {
        self.end_stretch(out);
    }

    fn finish(&mut self, until_ns: Option<i64>, out: &mut Out<'_>) {
        if let (Some(now_ns), Some(last_ns)) =
            (self.now_ns, until_ns.and_then(|until_ns| until_ns.checked_sub(1)))
            && last_ns > now_ns
            && is_run_through(now_ns, last_ns)
        {
            self.go_on(last_ns, out);
        }
        self.end_stretch(out);
        self.ledger.add(&self.counting);
    }
}
