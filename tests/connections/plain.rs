//! A client as plain as Python's `http.client`: it keeps its connection, sends the head and then the body, reads the
//! answer only when all is sent, and repeats nothing.

use std::io::{self, BufRead, BufReader, ErrorKind, Write};
use std::net::{SocketAddr, TcpStream};

use tests::program::PATIENCE;

/// See the module.
pub(crate) struct Client {
    address: SocketAddr,
    connection: Option<BufReader<TcpStream>>,
}

/// A request: its headers are lines that end with CRLF.
#[derive(Clone)]
pub(crate) struct Request<'a> {
    pub(crate) path: &'a str,
    pub(crate) headers: &'a str,
    pub(crate) body: &'a [u8],
    /// The number of bytes of the body that are sent at a time.
    pub(crate) piece: usize,
    /// True for a body in chunks, false for one with a length.
    pub(crate) chunked: bool,
}

impl Client {
    pub(crate) fn new(address: SocketAddr) -> Self {
        Self { address, connection: None }
    }

    /// Asks, on the connection that it has unless the last answer said that it closes: the status and the answer.
    pub(crate) fn ask(&mut self, request: &Request<'_>) -> io::Result<(u16, String)> {
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => BufReader::new(connect(self.address)?),
        };
        send(connection.get_mut(), self.address, request)?;
        let (status, closes, answer) = read(&mut connection)?;
        self.connection = Some(connection).filter(|_| !closes);
        Ok((status, answer))
    }
}

pub(crate) fn connect(address: SocketAddr) -> io::Result<TcpStream> {
    let socket = TcpStream::connect(address)?;
    socket.set_nodelay(true)?;
    socket.set_read_timeout(Some(PATIENCE))?;
    Ok(socket)
}

fn send(socket: &mut TcpStream, address: SocketAddr, request: &Request<'_>) -> io::Result<()> {
    let Request { path, headers, body, piece, chunked } = request;
    let framing =
        if *chunked { "transfer-encoding: chunked".to_owned() } else { format!("content-length: {}", body.len()) };
    let head = format!("POST {path} HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\n{headers}");
    socket.write_all(format!("{head}{framing}\r\n\r\n").as_bytes())?;
    for piece in body.chunks(*piece) {
        if *chunked {
            socket.write_all(format!("{:x}\r\n", piece.len()).as_bytes())?;
        }
        socket.write_all(piece)?;
        if *chunked {
            socket.write_all(b"\r\n")?;
        }
    }
    if *chunked { socket.write_all(b"0\r\n\r\n") } else { Ok(()) }
}

/// Reads an answer: its status, whether the connection closes, and its body.
pub(crate) fn read(connection: &mut impl BufRead) -> io::Result<(u16, bool, String)> {
    let mut line = String::new();
    if connection.read_line(&mut line)? == 0 {
        return Err(ErrorKind::UnexpectedEof.into());
    }
    let status = line.split(' ').nth(1).and_then(|word| word.parse().ok());
    let status = status.ok_or_else(|| io::Error::other(format!("no status: {line}")))?;
    let (mut length, mut closes) = (0, false);
    loop {
        line.clear();
        connection.read_line(&mut line)?;
        let header = line.trim().to_ascii_lowercase();
        if header.is_empty() {
            break;
        }
        if let Some(given) = header.strip_prefix("content-length: ") {
            length = given.parse().map_err(io::Error::other)?;
        }
        closes |= header == "connection: close";
    }
    let mut body = vec![0; length];
    connection.read_exact(&mut body)?;
    Ok((status, closes, String::from_utf8_lossy(&body).into_owned()))
}
