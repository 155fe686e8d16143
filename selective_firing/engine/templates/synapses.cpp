{# Synapses from all to all without delay: synapse (pre, post) has number pre * n_post + post, so the events of this step
   lead straight to their rows or columns. Brian2's own template copies every synapse's number through a spike queue and
   looks its two ends up, which also hides from the compiler that the loop is one of vectors. `loops_of` says which events
   can be gone through together, and what of the presynaptic cell can be kept in registers meanwhile. #}
{% extends 'common_synapses.cpp' %}

{% block extra_headers %}
{{ super() }}
#ifndef SELECTIVE_FIRING_ONLY
#define SELECTIVE_FIRING_ONLY
// stands in for an array of which the loop needs one element, whatever its number
template <typename T> struct Only { T element; T operator[](size_t) const { return element; } };
#endif
{% set loops = loops_of(pathway, variables, variable_indices) %}
{% if loops.options %}
void _run_{{codeobj_name}}() __attribute__((optimize("{{loops.options|join('", "')}}")));
{% endif %}
{% endblock %}

{% block maincode %}
    {# USES_VARIABLES { _synaptic_pre, _synaptic_post } #}
    {% set events = get_array_name(pathway.source.variables['_' ~ pathway.event ~ 'space'])[4:] %}
    {% set n_post = pathway.synapses.target|length %}
    {% set loops = loops_of(pathway, variables, variable_indices) %}
    {% set pre, post = get_array_name(variables['_synaptic_pre']), get_array_name(variables['_synaptic_post']) %}
    const size_t _vectorisation_idx = -1;
    {{scalar_code|autoindent}}
    const int32_t _num_events = {{events}}[{{pathway.source|length}}];
    {% if pathway.prepost == 'pre' %}
    int32_t _event = 0;
    {% for block in loops.blocks %}
    for(; _event + {{block}} <= _num_events; _event += {{block}})
    {
        {% for e in range(block) %}
        const int32_t _pre_{{e}} = {{events}}[_event + {{e}}];
        {% for name in loops.sums %}
        {{c_data_type(variables[name].dtype)}} {{name}}_{{e}} = {{get_array_name(variables[name])}}[_pre_{{e}}];
        {% endfor %}
        {% endfor %}
        for(int32_t _post = 0; _post < {{n_post}}; _post++)
        {
            {% for e in range(block) %}
            {
                const size_t _idx = (size_t)_pre_{{e}} * {{n_post}} + _post;
                const Only<int32_t> {{pre}} = {_pre_{{e}}}, {{post}} = {_post};
                {% for name in loops.sums %}
                const Only<{{c_data_type(variables[name].dtype)}}&> {{get_array_name(variables[name])}} = { {{-name}}_{{e-}} };
                {% endfor %}
                {{vector_code|autoindent}}
            }
            {% endfor %}
        }
        {% for e in range(block) %}
        {% for name in loops.sums %}
        {{get_array_name(variables[name])}}[_pre_{{e}}] = {{name}}_{{e}};
        {% endfor %}
        {% endfor %}
    }
    {% endfor %}
    {% else %}
    if(_num_events > 0) for(int32_t _pre = 0; _pre < {{pathway.synapses.source|length}}; _pre++)
    {
        {% for name in loops.kept %}
        const {{c_data_type(variables[name].dtype)}} {{name}}_kept = {{get_array_name(variables[name])}}[_pre];
        {% endfor %}
        for(int32_t _event = 0; _event < _num_events; _event++)
        {
            const int32_t _post = {{events}}[_event];
            const size_t _idx = (size_t)_pre * {{n_post}} + _post;
            const Only<int32_t> {{pre}} = {_pre}, {{post}} = {_post};
            {% for name in loops.kept %}
            const Only<{{c_data_type(variables[name].dtype)}}> {{get_array_name(variables[name])}} = { {{-name}}_kept};
            {% endfor %}
            {{vector_code|autoindent}}
        }
    }
    {% endif %}
{% endblock %}
