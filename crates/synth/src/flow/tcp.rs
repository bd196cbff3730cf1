//! A TCP connection with consistent sequence numbers, timestamps and windows.
//!
//! Figures: METHOD §6 (SYN 29200, MSS 1460, scale 6; then 457 to 725 out, 261 to 395 in) and a Nest Mini's capture
//! (the server announces MSS 1430, hence full frames of 1484 bytes).

use crate::home::Server;
use crate::stage::{Path, Stage, Way, ns};
use crate::wire::tcp::{self, ACK, FIN, PSH, SYN, Segment};

/// Data in a full segment: the server's MSS of 1430 less 12 bytes of timestamps.
pub const FULL_SEGMENT_BYTES: usize = 1418;

const DEVICE_SYN_WINDOW: f64 = 29_200.0;
const SERVER_SYN_WINDOW: f64 = 42_780.0;
const DEVICE_SCALE: u8 = 6;
const SERVER_SCALE: u8 = 8;
const DEVICE_WINDOWS: (f64, f64) = (457.0, 725.0);
const SERVER_WINDOWS: (f64, f64) = (261.0, 395.0);

/// One connection between the speaker and a server.
pub struct TcpFlow {
    path: Path,
    ports: (u16, u16),
    round_trip_s: f64,
    /// Next sequence number, out and in.
    next: [u32; 2],
    clock: [u32; 2],
    /// The newest stamp each side sent.
    stamp: [u32; 2],
    window: [f64; 2],
    born_ns: i64,
}

impl TcpFlow {
    /// A connection that was opened before the capture began.
    pub fn established(stage: &mut Stage, at_ns: i64, server: &Server, port: u16) -> TcpFlow {
        let path = stage.path(at_ns, &server.party());
        let local = stage.port();
        TcpFlow::with_ports(stage, at_ns, path, (local, port), server.round_trip_ms / 1000.0)
    }

    fn with_ports(
        stage: &mut Stage,
        at_ns: i64,
        path: Path,
        ports: (u16, u16),
        round_trip_s: f64,
    ) -> TcpFlow {
        let window = [
            stage.random.uniform(DEVICE_WINDOWS.0, DEVICE_WINDOWS.1),
            stage.random.uniform(SERVER_WINDOWS.0, SERVER_WINDOWS.1),
        ];
        let clock = [stage.random.bits(), stage.random.bits()];
        let next = [stage.random.bits(), stage.random.bits()];
        TcpFlow { path, ports, round_trip_s, next, clock, stamp: clock, window, born_ns: at_ns }
    }

    /// Shakes hands; returns the connection and when the speaker may send.
    pub fn open(stage: &mut Stage, at_ns: i64, server: &Server, port: u16) -> (TcpFlow, i64) {
        let mut flow = TcpFlow::established(stage, at_ns, server, port);
        flow.stamp[1] = 0;
        flow.emit(stage, at_ns, Way::Out, SYN, &[]);
        let answered_ns = flow.after_round_trip(stage, at_ns);
        flow.emit(stage, answered_ns, Way::In, SYN | ACK, &[]);
        let ready_ns = answered_ns + ns(0.0012);
        flow.acknowledge(stage, ready_ns, Way::Out);
        (flow, ready_ns + ns(0.0006))
    }

    /// One round trip later, give or take.
    pub fn after_round_trip(&self, stage: &mut Stage, at_ns: i64) -> i64 {
        at_ns + ns(self.round_trip_s * stage.random.uniform(0.95, 1.25))
    }

    /// Sends a message in as many segments as it needs; returns the time of the last one.
    pub fn send(&mut self, stage: &mut Stage, at_ns: i64, way: Way, message: &[u8]) -> i64 {
        let mut time_ns = at_ns;
        let mut segments = message.chunks(FULL_SEGMENT_BYTES).peekable();
        while let Some(segment) = segments.next() {
            let last = segments.peek().is_none();
            self.emit(stage, time_ns, way, if last { ACK | PSH } else { ACK }, segment);
            if !last {
                time_ns += ns(stage.random.uniform(0.000_15, 0.000_9));
            }
        }
        time_ns
    }

    /// An acknowledgement without data.
    pub fn acknowledge(&mut self, stage: &mut Stage, at_ns: i64, way: Way) {
        self.emit(stage, at_ns, way, ACK, &[]);
    }

    /// A keep-alive probe (one byte before the next, RFC 9293 §3.8.4) and its answer.
    pub fn keep_alive(&mut self, stage: &mut Stage, at_ns: i64) {
        self.next[0] = self.next[0].wrapping_sub(1);
        self.emit(stage, at_ns, Way::Out, ACK, &[]);
        self.next[0] = self.next[0].wrapping_add(1);
        let answered_ns = self.after_round_trip(stage, at_ns);
        self.emit(stage, answered_ns, Way::In, ACK, &[]);
    }

    /// The speaker closes, the server follows.
    pub fn close(&mut self, stage: &mut Stage, at_ns: i64) -> i64 {
        self.emit(stage, at_ns, Way::Out, FIN | ACK, &[]);
        let answered_ns = self.after_round_trip(stage, at_ns);
        self.emit(stage, answered_ns, Way::In, FIN | ACK, &[]);
        let done_ns = answered_ns + ns(0.0011);
        self.acknowledge(stage, done_ns, Way::Out);
        done_ns
    }

    fn emit(&mut self, stage: &mut Stage, at_ns: i64, way: Way, flags: u8, payload: &[u8]) {
        let (from, to) = if way == Way::Out { (0, 1) } else { (1, 0) };
        let head = stage.head(&self.path, way);
        let elapsed_ms = ((at_ns - self.born_ns) / 1_000_000) as u32;
        self.stamp[from] = self.clock[from].wrapping_add(elapsed_ms);
        let segment = Segment {
            ports: if way == Way::Out { self.ports } else { (self.ports.1, self.ports.0) },
            sequence: self.next[from],
            acknowledgment: if flags & ACK == 0 { 0 } else { self.next[to] },
            flags,
            window: self.window_field(stage, at_ns, from, flags),
            stamps: (self.stamp[from], self.stamp[to]),
            scale: if way == Way::Out { DEVICE_SCALE } else { SERVER_SCALE },
            mss: if way == Way::Out { 1460 } else { 1430 },
        };
        stage.frame(at_ns, |frame, _| {
            tcp::segment(frame, &head, &segment, |out| out.extend_from_slice(payload));
        });
        let counted = payload.len() as u32 + u32::from(flags & (SYN | FIN) != 0);
        self.next[from] = self.next[from].wrapping_add(counted);
        // A receiver's window opens a little as data comes in (autotuning).
        self.window[to] = (self.window[to] * (1.0 + payload.len() as f64 / 1.0e6)).min(if to == 0 {
            DEVICE_WINDOWS.1
        } else {
            SERVER_WINDOWS.1
        });
    }

    fn window_field(&self, stage: &mut Stage, at_ns: i64, side: usize, flags: u8) -> u16 {
        let bytes = match (flags & SYN != 0, side) {
            (true, 0) => DEVICE_SYN_WINDOW,
            (true, _) => SERVER_SYN_WINDOW,
            (false, _) => self.window[side],
        };
        // Casting stops at the field's limit.
        (bytes * stage.conditions(at_ns).window) as u16
    }
}
