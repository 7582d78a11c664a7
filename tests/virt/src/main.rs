//! Opens the URI that it is given, in both ways, and prints the document and what else it is told.

use virt::connect::Connect;

fn main() -> Result<(), virt::error::Error> {
    let uri = std::env::args().nth(1);
    for open in [Connect::open, Connect::open_read_only] {
        let connection = open(uri.as_deref())?;
        print!("{}", connection.capabilities()?);
        let info = connection.node_info()?;
        println!("{} {} {}", info.model, info.cpus, connection.driver_type()?);
    }
    Ok(())
}
