//! From captured packets to windows of features.
//!
//! The way of the data: [`capture`] → [`wire`] → [`event`] → [`observer`] → [`trace`] → [`window`] → [`feature`].
//! Nothing here reads a clock, prints, or draws hidden randomness.

pub mod capture;
pub mod error;
pub mod event;
pub mod feature;
pub mod inspect;
pub mod observer;
pub mod packet;
pub mod synth;
pub mod trace;
pub mod window;
pub mod wire;

pub use error::Error;
