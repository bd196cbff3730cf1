//! Lines of text on their way to a file or to standard output.

use crate::Error;
use crate::whole_file::WholeFile;
use std::io::{self, Write};
use std::path::Path;

/// Lines are gathered to this size before they are handed on.
const BUFFER_BYTES: usize = 128 * 1024;

/// Lines being written.
pub(super) struct Lines {
    output: Output,
    /// What was not handed on yet; to be appended to.
    pub(super) text: Vec<u8>,
}

enum Output {
    File(WholeFile),
    Stdout(io::Stdout),
}

impl Lines {
    /// Lines to a file, which is written whole or not at all, or to standard output.
    pub(super) fn to(output: Option<&Path>) -> Result<Lines, Error> {
        let output = match output {
            Some(path) => Output::File(WholeFile::create(path)?),
            None => Output::Stdout(io::stdout()),
        };
        Ok(Lines { output, text: Vec::new() })
    }

    /// Ends a line.
    #[inline]
    pub(super) fn end(&mut self) -> Result<(), Error> {
        self.text.push(b'\n');
        if self.text.len() >= BUFFER_BYTES { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), Error> {
        let written = match &mut self.output {
            Output::File(file) => file.write_all(&self.text).map_err(Error::io(file.path())),
            Output::Stdout(stdout) => {
                let written = stdout.write_all(&self.text).and_then(|()| stdout.flush());
                written.map_err(Error::io(Path::new("standard output")))
            }
        };
        self.text.clear();
        written
    }

    /// Hands the rest on, and puts a file in its place.
    pub(super) fn finish(mut self) -> Result<(), Error> {
        self.flush()?;
        match self.output {
            Output::File(file) => file.finish(),
            Output::Stdout(_) => Ok(()),
        }
    }
}

/// A cell, quoted where RFC 4180 asks for it.
pub(super) fn quoted(cell: &str) -> String {
    if cell.contains([',', '"', '\n', '\r']) {
        return format!("\"{}\"", cell.replace('"', "\"\""));
    }
    cell.to_owned()
}

/// Appends a number: whole ones as such, nothing for NaN. Floats read back to the same bits.
#[inline(always)]
pub(super) fn number(value: f64, text: &mut Vec<u8>, integers: &mut itoa::Buffer, floats: &mut zmij::Buffer) {
    // fract() would be a call
    if value as i32 as f64 == value {
        text.extend_from_slice(integers.format(value as i32).as_bytes());
    } else if !value.is_nan() {
        text.extend_from_slice(floats.format_finite(value).as_bytes());
    }
}
