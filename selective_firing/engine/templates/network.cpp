{# As Brian2's own, but for one clock, and no step asks for the time: in Brian2 2.9 that is a third of a step's cost. #}
{% macro cpp_file() %}
#include "network.h"
#include <chrono>
#include <cstdlib>
#include <iostream>

double Network::_last_run_time = 0.0;
double Network::_last_run_completed_fraction = 0.0;
bool Network::_globally_stopped = false;
bool Network::_globally_running = false;

Network::Network() : clock(NULL), t(0.0) {}

void Network::clear()
{
    objects.clear();
}

void Network::add(Clock* its_clock, codeobj_func func)
{
    if (clock && its_clock != clock)
    {
        std::cerr << "a circuit must have one clock" << std::endl;
        std::exit(1);
    }
    clock = its_clock;
    if (func) objects.push_back(func);
}

void Network::run(const double duration, report_func, const double)
{
    const auto start = std::chrono::steady_clock::now();
    const double t_start = t, t_end = t + duration;
    if (!clock) return;
    clock->set_interval(t, t_end);
    _globally_running = true;
    _globally_stopped = false;
    while (clock->running() && !_globally_stopped)
    {
        t = clock->t[0];
        for (codeobj_func func : objects) func();
        clock->tick();
    }
    _globally_running = false;
    t = _globally_stopped ? clock->t[0] : t_end;
    _last_run_time = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    _last_run_completed_fraction = duration > 0 ? (t - t_start) / duration : 1.0;
}
{% endmacro %}

{% macro h_file() %}
#ifndef _BRIAN_NETWORK_H
#define _BRIAN_NETWORK_H
#include <set>
#include <utility>
#include <vector>
#include "brianlib/clocks.h"

typedef void (*codeobj_func)();
typedef void (*report_func)(const double, const double, const double, const double);

class Network
{
    std::vector<codeobj_func> objects;
    Clock* clock;
public:
    double t;
    static double _last_run_time;
    static double _last_run_completed_fraction;
    static bool _globally_stopped;
    static bool _globally_running;

    Network();
    void clear();
    void add(Clock* its_clock, codeobj_func func);
    void run(const double duration, report_func, const double report_period);
};
#endif
{% endmacro %}
