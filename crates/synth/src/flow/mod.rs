//! Exchanges with a server, packet by packet: TCP, TLS over it, QUIC, and the lookup before them.

pub(super) mod lookup;
pub(super) mod ping;
pub(super) mod quic;
pub(super) mod tcp;
pub(super) mod tls;
