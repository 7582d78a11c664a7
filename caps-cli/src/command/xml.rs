//! `caps`, `caps xml`: the document.

use crate::output::WriteSink;
use crate::{Arguments, Failure, host, output};

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    host::with(arguments, |host| {
        host::capabilities(arguments, host, &mut (), |caps| {
            let file = arguments.output.as_deref();
            output::to(file, |writer| caps_xml::write(caps, &mut WriteSink(writer)))
        })
    })
}
