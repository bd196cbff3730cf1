//! Why a command failed, and with which exit code.
//!
//! The libraries' messages are whole sentences that say what to try; they are printed as they are.

use crate::terminal::Terminal;
use overhear::whole_file::WholeFile;
use std::io;
use std::path::Path;
use std::process::ExitCode;

/// A failed command.
pub enum Failure {
    /// Exit code 1, with what the library said.
    Overhear(Box<overhear::Error>),
    /// Exit code 1, with a message.
    Message(String),
    /// Exit code 2: the command line asks for what cannot be.
    Usage(String),
    /// Standard output was closed: what was wanted of it has been read.
    ClosedPipe,
}

impl Failure {
    /// Says why, and gives the exit code.
    pub fn report(self, terminal: &Terminal) -> ExitCode {
        let (message, code) = match self {
            Failure::ClosedPipe => return ExitCode::SUCCESS,
            Failure::Overhear(error) => match *error {
                overhear::Error::Io { source, .. } if source.kind() == io::ErrorKind::BrokenPipe => {
                    return ExitCode::SUCCESS;
                }
                overhear::Error::Stopped => ("stopped; nothing was written".to_owned(), 130),
                error => (error.to_string(), 1),
            },
            Failure::Message(message) => (message, 1),
            Failure::Usage(message) => (message, 2),
        };
        terminal.error(&message);
        ExitCode::from(code)
    }
}

impl<E: Into<overhear::Error>> From<E> for Failure {
    fn from(error: E) -> Failure {
        Failure::Overhear(Box::new(error.into()))
    }
}

/// Prints to standard output; a closed pipe ends the command without a word.
pub fn print(text: &str) -> Result<(), Failure> {
    use io::Write;
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Ok(()) => Ok(()),
        Err(e) if e.kind() == io::ErrorKind::BrokenPipe => Err(Failure::ClosedPipe),
        Err(e) => Err(Failure::Message(format!("standard output: {e}"))),
    }
}

/// Writes to a file, whole or not at all, or prints where none is named.
pub fn write_or_print(text: &str, output: Option<&Path>) -> Result<(), Failure> {
    use io::Write;
    let Some(path) = output else { return print(text) };
    let mut file = WholeFile::create(path)?;
    file.write_all(text.as_bytes()).map_err(overhear::Error::io(path))?;
    Ok(file.finish()?)
}
