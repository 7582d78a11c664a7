//! `caps`, `caps xml`: the document.

use crate::emulators::Emulators;
use crate::output::WriteSink;
use crate::{Arguments, Failure, Status, document, host, output};

pub(crate) fn run(arguments: &Arguments) -> Result<Status, Failure> {
    host::with(arguments, |host| {
        let emulators = Emulators::wanted(arguments, host)?;
        emulators.iter().for_each(Emulators::report);
        document::visit(arguments, host, emulators.as_ref(), &mut (), |caps| {
            let file = arguments.output.as_deref();
            output::to(file, |writer| caps_xml::write(caps, &mut WriteSink(writer)))
        })?;
        Ok(emulators.as_ref().map_or(Status::Complete, Emulators::status))
    })
}
