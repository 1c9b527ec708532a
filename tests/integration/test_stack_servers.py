"""The local broker and database server: started, killed, started again, on the same data and address."""

import asyncio
import os
import signal
import socket
import stat
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from pathlib import Path

import asyncpg
import psutil
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError

from infra.stack import detached, kafka, ports, postgres, requirements
from infra.stack.account import as_server, give
from infra.stack.failure import StackError

try:
    requirements.java()
except StackError as missing:
    pytest.skip(f"the local stack cannot run: {missing}", allow_module_level=True)


@pytest.fixture
def data(tmp_path: Path) -> Iterator[Path]:
    """A data folder with a space and Chinese in its path; what runs on it is stopped."""
    folder = tmp_path / "数据 of a test"
    yield folder
    if broker := kafka.find(folder):
        kafka.stop(broker)
    if server := postgres.find(folder):
        postgres.stop(server)


def kill(running: detached.Running) -> None:
    os.kill(running.pid, signal.SIGKILL)


async def write(broker: kafka.Broker, value: bytes) -> None:
    async with AIOKafkaProducer(bootstrap_servers=broker.bootstrap, acks="all", max_request_size=4_000_000) as producer:
        await producer.send_and_wait("kept", value)


async def read(broker: kafka.Broker, count: int) -> list[bytes | None]:
    async with AIOKafkaConsumer(
        "kept", bootstrap_servers=broker.bootstrap, auto_offset_reset="earliest", fetch_max_bytes=8_000_000
    ) as consumer:
        return [(await asyncio.wait_for(consumer.getone(), 20)).value for _ in range(count)]


async def make_topic(broker: kafka.Broker) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=broker.bootstrap)
    await admin.start()
    try:
        config = {"max.message.bytes": "2097152"}
        await admin.create_topics([NewTopic("kept", 1, 1, topic_configs=config)])
    finally:
        await admin.close()


async def test_a_killed_broker_comes_back_with_its_records_at_its_address(data: Path):
    first = kafka.start(data)
    await make_topic(first)
    large = os.urandom(1_900_000)
    await write(first, large)
    kill(first.running)
    again = kafka.start(data, first.port)
    assert again.bootstrap == first.bootstrap
    assert again.pid != first.pid
    await write(again, b"after")
    assert await read(again, 2) == [large, b"after"]
    assert kafka.stop(again)
    assert kafka.find(data) is None
    assert kafka.stop(again)


def test_a_broker_that_runs_is_found_and_not_started_twice(data: Path):
    broker = kafka.start(data)
    assert kafka.start(data) == broker
    assert kafka.start(data, broker.port) == broker
    with pytest.raises(StackError, match=f"at port {broker.port} and not"):
        kafka.start(data, ports.free_port())
    assert kafka.answers(broker)
    assert broker.bootstrap.startswith("127.0.0.1:")


async def test_a_topic_is_not_made_by_writing_to_it(data: Path):
    broker = kafka.start(data)
    async with AIOKafkaProducer(bootstrap_servers=broker.bootstrap, request_timeout_ms=2000) as producer:
        with pytest.raises(KafkaError):
            await producer.send_and_wait("unmade", b"x")
    admin = AIOKafkaAdminClient(bootstrap_servers=broker.bootstrap)
    await admin.start()
    try:
        assert await admin.list_topics() == []
    finally:
        await admin.close()


def test_a_broker_listens_on_the_loopback_alone(data: Path):
    broker = kafka.start(data)
    listening = {
        connection.laddr[0] for connection in listening_of(broker.running) if connection.laddr[1] == broker.port
    }
    assert listening <= {"127.0.0.1", "::ffff:127.0.0.1"}
    assert listening


def listening_of(running: detached.Running):
    process = detached.process_of(running)
    assert process is not None
    return [connection for connection in process.net_connections("tcp") if connection.status == "LISTEN"]


@pytest.mark.parametrize("start", [kafka.start, postgres.start], ids=["kafka", "postgres"])
def test_a_taken_port_is_told_and_nothing_is_left(start: Callable[[Path, int], object], data: Path):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(StackError, match=f"Port {port}, wanted for .*, is taken by"):
            start(data, port)
    assert kafka.find(data) is None
    assert postgres.find(data) is None


def test_a_broker_that_cannot_start_is_told_with_its_log(data: Path):
    kafka.stop(kafka.start(data))
    (data / "topics" / "meta.properties").write_text("version=1\nnode.id=7\ncluster.id=x\n")
    with pytest.raises(StackError, match="Apache Kafka ended before it was ready") as raised:
        kafka.start(data)
    assert raised.value.log is not None
    assert "node id" in raised.value.log.read_text()


async def query(url: str, work: Callable[[asyncpg.Connection], Awaitable[object]]) -> object:
    connection = await asyncpg.connect(f"{url}/postgres")
    try:
        return await work(connection)
    finally:
        await connection.close()


async def test_a_killed_database_server_comes_back_with_what_was_committed(data: Path):
    first = postgres.start(data)
    await query(first.url, lambda c: c.execute("create table kept (n int); insert into kept values (1), (2)"))
    connection = await asyncpg.connect(f"{first.url}/postgres")
    # A session that computes does not notice the end of its server, and a new one refuses to share its memory.
    session = detached.Running(pid := connection.get_server_pid(), psutil.Process(pid).create_time())
    computing = asyncio.create_task(connection.execute("do $$ begin loop end loop; end $$"))
    try:
        await wait_until_computing(first.url, pid)
        kill(first.running)
        again = postgres.start(data, first.port)
        assert (again.url, again.pid != first.pid) == (first.url, True)
        assert await query(again.url, lambda c: c.fetchval("select sum(n) from kept")) == 3
        assert not detached.is_alive(session)
    finally:
        detached.end([session], polite=signal.SIGKILL)
        with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            await computing
    assert postgres.stop(again)
    assert postgres.find(data) is None
    assert postgres.stop(again)


async def wait_until_computing(url: str, pid: int) -> None:
    statement = "select state = 'active' and query like 'do %' from pg_stat_activity where pid = $1"
    async with asyncio.timeout(20):
        while not await query(url, lambda c: c.fetchval(statement, pid)):
            await asyncio.sleep(0.02)


async def test_a_stop_does_not_wait_for_open_sessions(data: Path):
    server = postgres.start(data)
    connection = await asyncpg.connect(f"{server.url}/postgres")
    assert postgres.stop(server, grace=20)
    with pytest.raises((OSError, asyncpg.PostgresError, asyncpg.InterfaceError)):
        await connection.execute("select 1")


async def test_the_database_wants_its_password_which_is_for_its_owner_alone(data: Path):
    server = postgres.start(data)
    password = (data / "password").read_text().strip()
    assert password in server.url
    assert password not in repr(server)
    assert stat.S_IMODE((data / "password").stat().st_mode) == 0o600
    wrong = server.url.replace(password, "guess")
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(f"{wrong}/postgres")
    settings = (
        "select current_setting('fsync') || current_setting('max_connections') || current_setting('server_version_num')"
    )
    assert str(await query(server.url, lambda c: c.fetchval(settings))).startswith("on20018")


def test_a_lock_left_by_a_killed_server_whose_id_another_process_has_does_not_matter(data: Path, tmp_path: Path):
    server = postgres.start(data)
    postgres.stop(server)
    # Of the server's own account: another's would not be taken for a server in any case.
    other = detached.spawn(as_server(["sleep", "600"], Path("/")), log=tmp_path / "other.log", cwd=Path("/"))
    try:
        lock = data / "cluster" / "postmaster.pid"
        lock.write_text(f"{other.pid}\n{data}/cluster\n1\n{server.port}\n\n127.0.0.1\n   1 1\nready\n")
        give(lock)
        assert postgres.find(data) is None
        assert postgres.start(data, server.port).pid != other.pid
        assert detached.is_alive(other)
    finally:
        detached.end([other])


def test_a_lost_password_is_told(data: Path):
    postgres.stop(postgres.start(data))
    (data / "password").unlink()
    with pytest.raises(StackError, match="password of PostgreSQL's data is gone"):
        postgres.start(data)
