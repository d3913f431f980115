"""How bad it is that a value is made twice: what the fields that hold it declare, and what was there before."""

from __future__ import annotations

from pathlib import Path

from lmi_lint.model.finding import Severity
from tests.link.linking import link_one

HANDLER = """
    package com.acme;
    import com.amazonaws.services.lambda.runtime.Context;
    import com.amazonaws.services.lambda.runtime.RequestHandler;
    import java.util.*;
    public class Handler implements RequestHandler<Map<String, String>, String> {
        private final Settings settings = new Settings();
        private Service service;
        private Cache cache;
        private Mutable mutable;
        private Pooled pooled;
        private Linked linked;
        private Sourced sourced;
        private Map<String, Mutable> shelf;
        @Override
        public String handleRequest(Map<String, String> event, Context context) {
            if (service == null) {
                service = new Service(settings);
            }
            if (cache == null) {
                cache = new Cache(settings.token());
            }
            if (mutable == null) {
                mutable = new Mutable();
            }
            mutable.name = event.get("name");
            if (pooled == null) {
                pooled = new Pooled();
            }
            if (linked == null) {
                linked = new Linked();
            }
            if (sourced == null) {
                sourced = new Sourced();
            }
            if (shelf == null) {
                Map<String, Mutable> made = new java.util.concurrent.ConcurrentHashMap<>();
                made.put("a", new Mutable());
                shelf = made;
            }
            shelf.get("a").name = event.get("name");
            String made = "" + service + cache + linked + sourced;
            return settings.client().toString() + settings.names() + settings.maybe() + made;
        }
    }
"""
SETTINGS = """
    package com.acme;
    import java.util.*;
    import java.util.stream.*;
    import software.amazon.awssdk.services.ssm.SsmClient;
    public class Settings {
        private SsmClient client;
        private String token;
        private Optional<String> maybe;
        private Map<String, String> names;
        SsmClient client() {
            if (client == null) {
                client = Optional.ofNullable(System.getenv("URL"))
                        .map(url -> SsmClient.create())
                        .orElseGet(SsmClient::create);
            }
            return client;
        }
        String token() {
            if (token == null) {
                token = client().getParameter(r -> r.name("token")).parameter().value();
            }
            return token;
        }
        Optional<String> maybe() {
            if (maybe == null) {
                maybe = Optional.of(client().getParameter(r -> r.name("maybe")).parameter().value());
            }
            return maybe;
        }
        Map<String, String> names() {
            if (names == null) {
                names = client().describeParameters().parameters().stream()
                        .collect(Collectors.toMap(p -> p.name(), p -> p.type()));
            }
            return names;
        }
    }
"""
PARTS = """
    package com.acme;
    import io.lettuce.core.RedisClient;
    import io.lettuce.core.support.ConnectionPoolSupport;
    import java.util.*;
    import org.apache.commons.pool2.impl.GenericObjectPool;
    import org.apache.commons.pool2.impl.GenericObjectPoolConfig;
    class Service {
        private final Settings settings;
        private final boolean local;
        private final long started = System.currentTimeMillis();
        Service(Settings settings) {
            this.settings = settings;
            this.local = System.getenv("ENVIRONMENT").equals("local");
        }
    }
    class Cache {
        private final List<String> tokens;
        Cache(String token) {
            this.tokens = Arrays.stream(token.split(",")).toList();
        }
    }
    class Mutable {
        String name;
    }
    class Linked {
        private final java.sql.Connection connection;
        private final Runnable ready = () -> System.out.println("ready");
        Linked() {
            this.connection = java.sql.DriverManager.getConnection("jdbc:x");
        }
    }
    class Sourced {
        private final java.util.concurrent.atomic.AtomicReference<Object> source;
        Sourced() {
            Object connection = java.sql.DriverManager.getConnection("jdbc:y");
            this.source = new java.util.concurrent.atomic.AtomicReference<>(connection);
        }
    }
    class Pooled {
        private final GenericObjectPool<Object> pool;
        Pooled() {
            RedisClient client = RedisClient.create("redis://localhost");
            this.pool = ConnectionPoolSupport.createGenericObjectPool(client::connect, new GenericObjectPoolConfig<>());
        }
    }
"""


def test_what_is_made_twice(tmp_path: Path) -> None:
    files = {"Handler.java": HANDLER, "Settings.java": SETTINGS, "Parts.java": PARTS}
    program = link_one(tmp_path, {f"src/main/java/com/acme/{name}": text for name, text in files.items()})
    found = {race.access.place_name: race.severity for race in program.races if race.kind.name == "LAZY_INIT"}
    assert found == {
        "Settings.client": Severity.NOTE,  # the declared type is a client of the SDK
        "Settings.token": Severity.NOTE,
        "Settings.maybe": Severity.NOTE,
        "Settings.names": Severity.WARNING,  # a map is not published safely
        "Handler.service": Severity.NOTE,  # its settings were there before, and are filled late themselves
        "Handler.cache": Severity.NOTE,
        "Handler.linked": Severity.ERROR,  # the loser's connection stays open
        "Handler.sourced": Severity.ERROR,
        "Handler.mutable": Severity.WARNING,
        "Handler.shelf": Severity.WARNING,  # a map is safe to share, what it holds is not
        "Handler.pooled": Severity.ERROR,
    }


def test_a_setting_that_stands_in_for_what_is_missing(tmp_path: Path) -> None:
    source = """
        using System;
        using System.IO;
        using Amazon.Lambda.Core;
        using Newtonsoft.Json;
        public class Config
        {
            public string Path { get; set; }
        }
        public class Function
        {
            private Config _config;
            public string FunctionHandler(string input, ILambdaContext context)
            {
                _config = JsonConvert.DeserializeObject<Config>(File.ReadAllText("config.json"));
                if (string.IsNullOrEmpty(_config.Path))
                    _config.Path = Environment.GetEnvironmentVariable("SLACK_PATH");
                return _config.Path;
            }
        }
    """
    program = link_one(tmp_path, {"Function.cs": source})
    found = {race.access.key: race.severity for race in program.races if race.kind.name == "LAZY_INIT"}
    assert found == {"Path": Severity.NOTE}
