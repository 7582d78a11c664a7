//! `caps`, `caps xml`: the document.

use crate::emulators::Emulators;
use crate::holes::Holes;
use crate::output::WriteSink;
use crate::{Arguments, Failure, Status, document, host, output};

pub(crate) fn run(arguments: &Arguments) -> Result<Status, Failure> {
    let mut holes = Holes::new(arguments.partial);
    let status = host::with(arguments, |host| {
        let emulators = holes.part(Emulators::wanted(arguments, host))?;
        emulators.iter().for_each(Emulators::report);
        document::visit(arguments, host, emulators.as_ref(), &mut holes, |caps| {
            let file = arguments.output.as_deref();
            output::to(file, |writer| caps_xml::write(caps, &mut WriteSink(writer)))
        })?;
        Ok(emulators.map_or(Status::Complete, |emulators| emulators.status()))
    })?;
    Ok(status.and(holes.report()))
}
