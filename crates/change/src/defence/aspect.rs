//! What of the device's packets a defence touches, and who sees that.

use overhear_traffic::observer::{Need, Observer};

/// What of the device's packets a defence touches.
///
/// Lengths, times and headers are meant of the packets that stay. What is added and dropped alters every figure of the
/// traffic, and is [`Aspect::Count`]. What the link behind a defence does to times, and what a full queue drops, is left
/// out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Aspect {
    /// Lengths of packets.
    Length,
    /// Times of packets.
    Time,
    /// How many packets there are: some are added, split or dropped.
    Count,
    /// IPv4 TTL and IPv6 hop limit.
    Ttl,
    /// The window field of TCP.
    TcpWindow,
    /// The device's ports of TCP and UDP.
    Port,
    /// Who is talked to: packets are dropped by their far end.
    FarEnd,
    /// Over what it is talked: packets are dropped by their transport.
    Transport,
}

impl Aspect {
    /// All of them, in the order in which they are listed.
    pub const ALL: [Aspect; 8] = [
        Aspect::Length,
        Aspect::Time,
        Aspect::Count,
        Aspect::Ttl,
        Aspect::TcpWindow,
        Aspect::Port,
        Aspect::FarEnd,
        Aspect::Transport,
    ];

    /// What it is, in words: `lengths`.
    pub const fn words(self) -> &'static str {
        match self {
            Aspect::Length => "lengths",
            Aspect::Time => "times",
            Aspect::Count => "number of packets",
            Aspect::Ttl => "TTL",
            Aspect::TcpWindow => "TCP window",
            Aspect::Port => "ports",
            Aspect::FarEnd => "far ends",
            Aspect::Transport => "transports",
        }
    }

    /// Whether an observer sees it. Times, lengths and numbers everybody does, as far as packets pass them at all (those
    /// to a neighbour at home do not pass `isp` and `tunnel`, and `tunnel` sees lengths to 16 bytes); the rest stands
    /// in headers, which `wifi` and `tunnel` do not see.
    pub fn is_seen_by(self, observer: Observer) -> bool {
        let need = match self {
            Aspect::Length | Aspect::Time | Aspect::Count => Need::TimeAndLength,
            Aspect::Ttl | Aspect::TcpWindow | Aspect::Port | Aspect::FarEnd | Aspect::Transport => {
                Need::Headers
            }
        };
        observer.sees(need)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_has_no_key_sees_times_lengths_and_numbers_alone() {
        let seen =
            |observer| Aspect::ALL.into_iter().filter(|own| own.is_seen_by(observer)).collect::<Vec<_>>();
        for observer in [Observer::Gateway, Observer::Isp] {
            assert_eq!(seen(observer), Aspect::ALL);
        }
        for observer in [Observer::Wifi, Observer::Tunnel] {
            assert_eq!(seen(observer), [Aspect::Length, Aspect::Time, Aspect::Count]);
        }
    }
}
