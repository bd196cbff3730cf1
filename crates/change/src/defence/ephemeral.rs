//! Ephemeral machines: drawn at random for each connection, so that nobody has trained on them before.
//!
//! Both ends have one of their own. Its first state waits; every other one sends padding packets, each after
//! U(0, t), t ~ U(0, `timeout`), and U{1..n} of them, n ~ U{1..`run`}. From every state a packet sent and one received
//! lead to states drawn for it, and so does the end of a run. Of what an end sends at most a share U(0, `share`) is
//! cover. Those of the paper are drawn from more (counters, blocking,
//! other distributions) and kept where a simulation meets constraints; here every machine is kept.

use super::cells::size;
use super::machines::{IDLE, Machines};
use super::{Aspect, Entry, Parameter, Who};
use crate::random::Random;
use enum_map::enum_map;
use maybenot::Machine;
use maybenot::action::Action;
use maybenot::dist::{Dist, DistType};
use maybenot::event::Event;
use maybenot::state::{State, Trans};
use std::sync::Arc;

pub(super) const ENTRY: Entry = Entry {
    name: "ephemeral",
    about: "cover of random machines that last for one connection",
    source: "Pulls, Witwer: Ephemeral Network-Layer Fingerprinting Defenses: its idea, with machines of fewer kinds, none searched for",
    who: Who::FarEndToo,
    parameters: &[
        size(1500.0),
        IDLE,
        Parameter::whole("states", "states of a machine", "states", 4.0, (2.0, 100.0)),
        Parameter::number(
            "timeout",
            "largest bound of the time to a cover packet",
            "ms",
            100.0,
            (0.01, 100_000.0),
        ),
        Parameter::whole("run", "most cover packets in a row", "packets", 20.0, (1.0, 10_000.0)),
        Parameter::number(
            "share",
            "largest bound of the part of what an end sends that is cover",
            "fraction",
            0.5,
            (0.01, 0.99),
        ),
    ],
    drops: None,
    touches: &[Aspect::Count],
    settings: &["size=500", ""],
    build: |values, random| {
        let kind = Kind {
            states: values.number("states") as usize,
            timeout_us: values.number("timeout") * 1e3,
            run: values.number("run") as u64,
            share: values.number("share"),
        };
        Machines::build(values, random, move |random| [kind.draw(random), kind.draw(random)])
    },
};

/// What machines are drawn from.
struct Kind {
    states: usize,
    timeout_us: f64,
    run: u64,
    share: f64,
}

impl Kind {
    fn draw(&self, random: &mut Random) -> Arc<[Machine]> {
        let states = (0..self.states).map(|at| self.state(at, random)).collect();
        // no bound would be 0
        let share = self.share * (1.0 - random.unit());
        // its transitions lead to states it has, its distributions have ranges that rise: the framework will look
        let machine = Machine {
            allowed_padding_packets: 0,
            max_padding_frac: share,
            allowed_blocked_microsec: 0,
            max_blocking_frac: 0.0,
            states,
        };
        Arc::new([machine])
    }

    fn state(&self, at: usize, random: &mut Random) -> State {
        let mut anywhere = || vec![Trans(random.below(self.states as u64) as usize, 1.0)];
        let (sent, received, over) = (anywhere(), anywhere(), anywhere());
        let mut state = State::new(enum_map! {
            Event::NormalSent => sent.clone(),
            Event::NormalRecv => received.clone(),
            Event::PaddingSent => vec![Trans(at, 1.0)],
            Event::LimitReached => over.clone(),
            _ => vec![],
        });
        let timeout = uniform(0.0, self.timeout_us * random.unit());
        let most = 1 + random.below(self.run);
        // what is drawn below n + ½ and rounded is 1 to n alike
        let limit = Some(uniform(0.5, most as f64 + 0.5));
        state.action =
            (at > 0).then_some(Action::SendPadding { bypass: false, replace: false, timeout, limit });
        state
    }
}

fn uniform(low: f64, high: f64) -> Dist {
    Dist::new(DistType::Uniform { low, high }, 0.0, 0.0)
}
